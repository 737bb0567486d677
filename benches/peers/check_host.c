/* check_host CERT.der NAME RUNS: OpenSSL's side of benches/matching.rs.
 * Prints nanoseconds, medians of 21 rounds of RUNS: parse and check, check alone. */
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 21

static double nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    static unsigned char der[1 << 22];
    double both[ROUNDS], check[ROUNDS];
    if (argc != 4) return 2;
    FILE *file = fopen(argv[1], "rb");
    if (!file) return 2;
    long length = (long)fread(der, 1, sizeof der, file);
    int runs = atoi(argv[3]), answer = 0;
    size_t name = strlen(argv[2]);
    const unsigned char *at = der;
    X509 *kept = d2i_X509(NULL, &at, length);
    if (!kept) return 2;
    for (int round = 0; round < ROUNDS; round++) {
        double start = nanoseconds();
        for (int i = 0; i < runs; i++) {
            at = der;
            X509 *fresh = d2i_X509(NULL, &at, length);
            answer = X509_check_host(fresh, argv[2], name, 0, NULL);
            X509_free(fresh);
        }
        both[round] = (nanoseconds() - start) / runs;
        start = nanoseconds();
        for (int i = 0; i < runs; i++) answer &= X509_check_host(kept, argv[2], name, 0, NULL);
        check[round] = (nanoseconds() - start) / runs;
    }
    qsort(both, ROUNDS, sizeof *both, ascending);
    qsort(check, ROUNDS, sizeof *check, ascending);
    printf("%.0f %.0f\n", both[ROUNDS / 2], check[ROUNDS / 2]);
    return answer == 1 ? 0 : 1;
}
