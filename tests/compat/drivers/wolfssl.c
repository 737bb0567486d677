/* wolfSSL: a handshake over loopback with wolfSSL_check_domain_name. */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/error-ssl.h>
#include "ask.h"
#include <sys/socket.h>
#include <unistd.h>

static WOLFSSL_CTX *ctx;

static void ask(struct ask *a) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(a->port))};
    inet_pton(AF_INET, a->address, &to.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&to, sizeof to)) {
        close(fd);
        return answer(a, "error:tls", "connect");
    }
    WOLFSSL *ssl = wolfSSL_new(ctx);
    wolfSSL_check_domain_name(ssl, (char *)a->name);
    wolfSSL_set_fd(ssl, fd);
    char reason[WOLFSSL_MAX_ERROR_SZ] = "";
    if (wolfSSL_connect(ssl) == WOLFSSL_SUCCESS) {
        answer(a, "accept", "");
    } else {
        int error = wolfSSL_get_error(ssl, 0);
        wolfSSL_ERR_error_string((unsigned long)error, reason);
        answer(a, error == DOMAIN_NAME_MISMATCH || error == IPADDR_MISMATCH ? "reject" : "error:tls", reason);
    }
    wolfSSL_free(ssl);
    close(fd);
}

int main(int argc, char **argv) {
    char path[4096];
    if (argc == 2) return printf("wolfSSL %s\n", wolfSSL_lib_version()), 0;
    wolfSSL_Init();
    ctx = wolfSSL_CTX_new(wolfTLSv1_2_client_method());
    snprintf(path, sizeof path, "%s/ca.pem", argv[1]);
    if (wolfSSL_CTX_load_verify_locations(ctx, path, NULL) != WOLFSSL_SUCCESS) return 2;
    /* Debian builds it with OpenSSL's defaults, where a client verifies nothing unless asked to. */
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, NULL);
    return for_each_case(argv, ask);
}
