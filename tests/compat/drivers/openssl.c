/* OpenSSL: X509_check_ip for an address, else X509_check_host, default flags. */
#include "ask.h"
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void ask(struct ask *a) {
    unsigned char octets[16];
    FILE *file = fopen(a->pem, "r");
    X509 *cert = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    if (!cert) return answer(a, "error:parse", "PEM_read_X509");
    int r = is_ip(AF_INET, a, octets)    ? X509_check_ip(cert, octets, 4, 0)
            : is_ip(AF_INET6, a, octets) ? X509_check_ip(cert, octets, 16, 0)
                                         : X509_check_host(cert, (char *)a->name, a->len, 0, NULL);
    answer(a, r == 1 ? "accept" : "reject", "");
    X509_free(cert);
}

int main(int argc, char **argv) {
    if (argc == 2) return printf("OpenSSL %s X509_check_host, default flags\n", OpenSSL_version(OPENSSL_VERSION_STRING)), 0;
    return for_each_case(argv, ask);
}
