/* GnuTLS: gnutls_x509_crt_check_hostname, after the certificate's import. */
#include "ask.h"
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

static void ask(struct ask *a) {
    gnutls_datum_t pem;
    gnutls_x509_crt_t cert;
    gnutls_load_file(a->pem, &pem);
    gnutls_x509_crt_init(&cert);
    int r = gnutls_x509_crt_import(cert, &pem, GNUTLS_X509_FMT_PEM);
    if (r < 0)
        answer(a, "error:parse", gnutls_strerror(r));
    else
        answer(a, gnutls_x509_crt_check_hostname(cert, (char *)a->name) ? "accept" : "reject", "");
    gnutls_x509_crt_deinit(cert);
    gnutls_free(pem.data);
}

int main(int argc, char **argv) {
    if (argc == 2) return printf("GnuTLS %s\n", gnutls_check_version(NULL)), 0;
    return for_each_case(argv, ask);
}
