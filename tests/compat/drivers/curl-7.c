/* libcurl: a request for https://NAME:PORT/, connected to the case's server (CURLOPT_CONNECT_TO).
   An IPv6 address is put in brackets, as a URL needs it. No locale is set, as in most programs that
   use the library. */
#include "ask.h"
#include <curl/curl.h>

static size_t sink(char *data, size_t size, size_t count, void *user) {
    (void)data, (void)user;
    return size * count;
}

static void ask(struct ask *a) {
    unsigned char octets[16];
    char url[70000], to[256], root[4096], error[CURL_ERROR_SIZE] = "";
    snprintf(url, sizeof url, is_ip(AF_INET6, a, octets) ? "https://[%s]:%s/" : "https://%s:%s/", a->name, a->port);
    snprintf(to, sizeof to, "::%s:%s", a->address, a->port);
    snprintf(root, sizeof root, "%s/ca.pem", a->dir);
    struct curl_slist *list = curl_slist_append(NULL, to);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, list);
    curl_easy_setopt(curl, CURLOPT_CAINFO, root);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, sink);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    CURLcode r = curl_easy_perform(curl);
    /* Verification ends in one code; its text tells the name from the chain. */
    int name = strstr(error, "SSL: no alternative certificate subject name matches") ||
               strstr(error, "SSL: certificate subject name") ||
               strstr(error, "SSL: unable to obtain common name from peer certificate");
    answer(a, r == CURLE_OK                                      ? "accept"
              : r == CURLE_PEER_FAILED_VERIFICATION && name      ? "reject"
              : r == CURLE_URL_MALFORMAT                         ? "error:refname"
                                                                 : "error:tls", error);
    curl_easy_cleanup(curl);
    curl_slist_free_all(list);
}

int main(int argc, char **argv) {
    curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
    if (argc == 2) return printf("libcurl %s (OpenSSL %s)\n", v->version, strchr(v->ssl_version, '/') + 1), 0;
    curl_global_init(CURL_GLOBAL_ALL);
    return for_each_case(argv, ask);
}
