# Certificates by `openssl req`, issued by the test's own authority.

# certificate FILE NAMES [OPTION...]: FILE.pem and FILE.key; NAMES as a subjectAltName is written, `-` for
# none. Options are those of `openssl req`.
certificate() {
    file=$1 names=$2
    shift 2
    case " $* " in *' -newkey '*) ;; *) set -- "$@" -newkey ec -pkeyopt ec_paramgen_curve:P-256 ;; esac
    case " $* " in *' -subj '*) ;; *) set -- "$@" -subj '/O=Example' ;; esac
    [ "$names" = - ] || set -- "$@" -addext "subjectAltName=$names"
    openssl req -x509 -CA ca.pem -CAkey ca.key -nodes -days 30 -out "$file.pem" -keyout "$file.key" \
        -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth "$@" 2>openssl.log ||
        { cat openssl.log >&2; return 1; }
    # The key first, as Postfix has it.
    cat "$file.key" "$file.pem" >"$file.both"
    echo "$names" >"$file.names"
}

# add FILE: the certificate once more, with the entry that the help says to add.
add() {
    case $(cat "$1.names") in
        -) certificate "$1" "$(entry)" ;;
        *) certificate "$1" "$(cat "$1.names"),$(entry)" ;;
    esac
}

# instead FILE: the certificate once more, with that entry alone.
instead() { certificate "$1" "$(entry)"; }
