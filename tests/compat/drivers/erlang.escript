#!/usr/bin/env escript
%% Erlang: public_key:pkix_verify_hostname with the match fun for https.
%% The name is an IP address where inet:parse_strict_address takes it, as in ssl, else a DNS-ID.

main(["--version"]) ->
    io:format("Erlang/OTP ~s public_key, https match fun~n", [erlang:system_info(otp_release)]);
main([Dir | _]) ->
    {ok, Asks} = file:read_file(filename:join(Dir, "asks.tsv")),
    [ask(Dir, string:split(Line, "\t", all)) || Line <- string:split(Asks, "\n", all), Line =/= <<>>].

ask(Dir, [Id, Hex | _]) ->
    Octets = << <<(binary_to_integer(Pair, 16))>> || <<Pair:2/binary>> <= Hex >>,
    Name = binary_to_list(Octets),
    {ok, Pem} = file:read_file(filename:join(Dir, <<Id/binary, ".pem">>)),
    [{'Certificate', Der, _}] = public_key:pem_decode(Pem),
    {Word, Reason} =
        try public_key:pkix_decode_cert(Der, otp) of
            Cert -> verify(Cert, reference(Name))
        catch _:Why -> {"error:parse", Why}
        end,
    io:format("~ts\t~s\t~.200s~n", [Id, Word, lists:flatten(string:replace(io_lib:format("~0p", [Reason]), "\t", " ", all))]).

reference(Name) ->
    case inet:parse_strict_address(Name) of
        {ok, Address} -> {ip, Address};
        _ -> {dns_id, Name}
    end.

verify(Cert, Reference) ->
    Match = public_key:pkix_verify_hostname_match_fun(https),
    try public_key:pkix_verify_hostname(Cert, [Reference], [{match_fun, Match}]) of
        true -> {"accept", none};
        false -> {"reject", none}
    catch _:Why -> {"error:exception", Why}
    end.
