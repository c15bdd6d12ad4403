#include "cli/netcat/nc/nc_tls.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "cli/netcat/nc/nc_args.h"
#include "cli/netcat/usock_line.h"
#include "net/sockopt/ip_header.h"

/* ---- -T ---- */

/* what, a word, and the quote that ends it or nothing */
static const char *
fault_of(struct nc_tls *t, const char *what, const char *word, const char *quote)
{
	snprintf(t->text, sizeof(t->text), "%s%.80s%s", what, word, quote);
	return t->text;
}

/* Each keyword, and where its value or its flag goes. */
static const struct {
	const char *word;
	size_t text, flag; /* offset in struct nc_tls; one of them is 0 */
} keywords[] = {
	{ "ciphers", offsetof(struct nc_tls, ciphers), 0 },
	{ "clientcert", 0, offsetof(struct nc_tls, client_cert) },
	{ "noverify", 0, offsetof(struct nc_tls, no_verify) },
	{ "noname", 0, offsetof(struct nc_tls, no_name) },
	{ "protocols", offsetof(struct nc_tls, protocols), 0 },
};

/* Returns 1 where word is a keyword of TLS, 0 where it is none, or -1 with *ret_fault. */
static int
take_keyword(struct nc_tls *t, const char *word, const char **ret_fault)
{
	size_t len = strcspn(word, "="), i = 0;
	char *at = (char *)t;

	if (strcmp(word, "muststaple") == 0) {
		*ret_fault = "OCSP is not offered";
		return -1;
	}
	while (i < ARRAY_LEN(keywords) &&
	    (strncmp(keywords[i].word, word, len) != 0 || keywords[i].word[len] != '\0'))
		i++;
	if (i == ARRAY_LEN(keywords))
		return 0;
	if (keywords[i].text == 0) {
		*(bool *)(void *)(at + keywords[i].flag) = true;
	} else if (word[len] == '=') {
		*(const char **)(void *)(at + keywords[i].text) = word + len + 1;
	} else {
		*ret_fault = fault_of(t, "invalid tls value `", word, "'");
		return -1;
	}
	return 1;
}

/* Which of TLS 1.2 and 1.3 a word means, as the bits 1 and 2. */
static unsigned
versions_of(const char *word, size_t len)
{
	static const struct {
		const char *word;
		unsigned versions;
	} words[] = { { "tlsv1.2", 1 }, { "tlsv1.3", 2 }, { "tlsv1", 3 }, { "all", 3 },
		{ "default", 3 }, { "secure", 3 }, { "legacy", 3 } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i].word) == len && strncmp(words[i].word, word, len) == 0)
			return words[i].versions;
	return 0;
}

static const char *
parse_protocols(struct nc_tls *t)
{
	const char *p = t->protocols;
	unsigned versions = 0;
	size_t len;

	if (p == NULL)
		return NULL;
	for (; *p != '\0'; p += len + (p[len] != '\0')) {
		len = strcspn(p, ",:");
		versions |= versions_of(p, len);
	}
	if (versions == 0)
		return fault_of(t, "invalid TLS protocols `", t->protocols, "'");
	if (versions != 3)
		t->versions = versions == 1 ? "--tls-max 1.2" : "--tls-min 1.3";
	return NULL;
}

const char *
nc_tls_parse(struct nc *nc)
{
	bool other = nc->args.variant == FOREIGN_OTHER;
	const char *fault = NULL, *wrong = NULL;
	int tos;

	for (size_t i = 0; i < nc->args.n_given && fault == NULL; i++) {
		const char *word = nc->args.given[i].value;
		int rc = 0;

		if (nc->args.given[i].opt->letter != 'T')
			continue;
		if (other)
			rc = take_keyword(&nc->tls, word, &fault);
		if (rc != 0)
			continue;
		nc->tls.tos = word;
		wrong = ip_header_parse_tos(word, &tos, NULL) == 0 ? NULL : word;
	}
	if (fault == NULL && wrong != NULL)
		fault = fault_of(&nc->tls, other ? "illegal tos/tls value " : "illegal tos value ",
		    wrong, "");
	return fault == NULL ? parse_protocols(&nc->tls) : fault;
}

/* ---- conflicts ---- */

/* Returns what is given without -c, or NULL. */
static const char *
find_without_tls(struct nc *nc)
{
	struct nc_tls *t = &nc->tls;
	char letter[] = "-C";

	if (t->no_verify || t->no_name || t->client_cert || t->ciphers != NULL ||
	    t->protocols != NULL)
		return "you must specify -c to use TLS options";
	for (const char *c = "CKZRHe"; *c != '\0'; c++) {
		letter[1] = *c;
		if (GIVEN(nc, *c))
			return fault_of(t, "you must specify -c to use ", letter, "");
	}
	return NULL;
}

const char *
nc_tls_find_conflict(struct nc *nc)
{
	const struct nc_tls *t = &nc->tls;
	const bool listens = nc_args_listens(nc);
	const struct {
		bool wrong;
		const char *text;
	} rules[] = {
		{ nc_args_is_datagrams(nc), "cannot use -c and -u" },
		{ nc_args_is_unix(nc), "cannot use -c and -U" },
		{ GIVEN(nc, 'F'), "cannot use -c and -F" },
		{ t->client_cert && !listens, "clientcert is only valid with -l" },
		{ t->no_verify && GIVEN(nc, 'H'), "-H and -T noverify may not be used together" },
		{ GIVEN(nc, 'z'), "-z with -c is not offered" },
		{ listens && (GIVEN(nc, 'e') || GIVEN(nc, 'H')),
		    "-e and -H with -l are not offered: -R has the authority of clients" },
		{ t->client_cert && !GIVEN(nc, 'R'), "-T clientcert needs -R" },
	};

	if (nc->args.variant != FOREIGN_OTHER)
		return NULL;
	if (!nc_args_is_tls(nc))
		return find_without_tls(nc);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].wrong)
			return rules[i].text;
	return NULL;
}

/* ---- words ---- */

/* The classes of libtls, for which there are all suites. */
static bool
is_cipher_class(const char *ciphers)
{
	static const char *const classes[] = { "all", "compat", "default", "insecure", "legacy",
		"secure" };

	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (strcmp(ciphers, classes[i]) == 0)
			return true;
	return false;
}

void
nc_tls_add(const struct nc *nc, struct usock_line *line)
{
	const struct nc_tls *t = &nc->tls;

	if (!nc_args_is_tls(nc))
		return;
	if (nc_args_listens(nc) && GIVEN(nc, 'R')) {
		usock_line_add_words(line, "--client-ca %", foreign_value(&nc->args, 'R'));
		if (!t->client_cert)
			usock_line_add_words(line, "--client-cert optional", NULL);
	}
	if (!nc_args_listens(nc) && (t->no_verify || t->no_name)) {
		usock_line_add(line, t->no_verify ? "--insecure" : "--any-name");
		/* nc does not say that nothing is checked */
		usock_line_add(line, "--quiet");
	}
	if (t->ciphers != NULL && !is_cipher_class(t->ciphers))
		usock_line_add_words(line, "--ciphers %", t->ciphers);
	if (t->versions != NULL)
		usock_line_add_words(line, t->versions, NULL);
}
