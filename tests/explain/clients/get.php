<?php
[, $url, $ca] = $argv;
file_get_contents($url, false, stream_context_create(["ssl" => ["cafile" => $ca]]));
