/* What the drivers in C share: one call of `ask` for each case of DIR/asks.tsv.
   usage of every driver: DRIVER DIR PORT; each prints `case TAB answer TAB reason` for each case. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ask {
    const char *dir, *id, *address, *port; /* where the case's server listens */
    unsigned char *name;                   /* the name, with a NUL after it */
    size_t len;
    char pem[4096]; /* the file of the case's certificate */
};

static void answer(const struct ask *a, const char *word, const char *reason) {
    printf("%s\t%s\t", a->id, word);
    for (; *reason; reason++) putchar((unsigned char)*reason < ' ' ? ' ' : *reason);
    putchar('\n');
}

static int is_ip(int family, const struct ask *a, unsigned char octets[16]) {
    return inet_pton(family, (const char *)a->name, octets) == 1;
}

static int for_each_case(char **argv, void (*ask)(struct ask *)) {
    char line[70000], path[4096];
    snprintf(path, sizeof path, "%s/asks.tsv", argv[1]);
    FILE *file = fopen(path, "r");
    if (!file) return perror(path), 2;
    while (fgets(line, sizeof line, file)) {
        struct ask a = {.dir = argv[1], .port = argv[2]};
        char *hex = strchr(line, '\t');
        *hex++ = 0;
        char *address = strchr(hex, '\t');
        *address++ = 0;
        address[strcspn(address, "\n")] = 0;
        a.id = line;
        a.address = address;
        a.len = strlen(hex) / 2;
        a.name = (unsigned char *)calloc(a.len + 1, 1);
        for (size_t i = 0; i < a.len; i++) {
            unsigned octet;
            sscanf(hex + 2 * i, "%2x", &octet);
            a.name[i] = (unsigned char)octet;
        }
        snprintf(a.pem, sizeof a.pem, "%s/%s.pem", argv[1], a.id);
        ask(&a);
        free(a.name);
    }
    return 0;
}
