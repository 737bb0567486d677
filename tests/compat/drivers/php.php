<?php
// PHP, openssl streams: a connection to the case's server with the name as `peer_name`.
if ($argv[1] === '--version') {
    echo 'PHP ' . PHP_VERSION . " openssl streams\n";
    exit;
}
[, $dir, $port] = $argv;
foreach (file("$dir/asks.tsv", FILE_IGNORE_NEW_LINES) as $line) {
    [$id, $hex, $address] = explode("\t", $line);
    $ssl = ['cafile' => "$dir/ca.pem", 'peer_name' => hex2bin($hex), 'verify_peer' => true, 'verify_peer_name' => true];
    $warnings = '';
    set_error_handler(function ($_, $text) use (&$warnings) { return $warnings .= "$text "; });
    $stream = stream_socket_client("ssl://$address:$port", $_, $_, 10, STREAM_CLIENT_CONNECT, stream_context_create(['ssl' => $ssl]));
    restore_error_handler();
    $chain = str_contains($warnings, 'certificate verify failed') || !str_contains($warnings, 'eer');
    $word = $stream ? 'accept' : ($chain ? 'error:tls' : 'reject');
    echo "$id\t$word\t" . substr(json_encode($warnings, JSON_INVALID_UTF8_SUBSTITUTE), 0, 200) . "\n";
}
