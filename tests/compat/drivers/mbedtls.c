/* mbed TLS: mbedtls_x509_crt_verify with the name. */
#include "ask.h"
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

static mbedtls_x509_crt root;

static void ask(struct ask *a) {
    mbedtls_x509_crt cert;
    mbedtls_x509_crt_init(&cert);
    int r = mbedtls_x509_crt_parse_file(&cert, a->pem);
    uint32_t flags = 0;
    char reason[1024] = "";
    if (r != 0) {
        snprintf(reason, sizeof reason, "-0x%04x", (unsigned)-r);
        answer(a, "error:parse", reason);
    } else {
        mbedtls_x509_crt_verify(&cert, &root, NULL, (char *)a->name, &flags, NULL, NULL);
        if (flags) mbedtls_x509_crt_verify_info(reason, sizeof reason, "", flags);
        answer(a, flags == 0 ? "accept" : flags == MBEDTLS_X509_BADCERT_CN_MISMATCH ? "reject" : "error:chain", reason);
    }
    mbedtls_x509_crt_free(&cert);
}

int main(int argc, char **argv) {
    char version[64], path[4096];
    mbedtls_version_get_string(version);
    if (argc == 2) return printf("mbed TLS %s\n", version), 0;
    mbedtls_x509_crt_init(&root);
    snprintf(path, sizeof path, "%s/ca.pem", argv[1]);
    if (mbedtls_x509_crt_parse_file(&root, path)) return 2;
    return for_each_case(argv, ask);
}
