#include "cli/netcat/ncat/ncat_proxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"
#include "cli/netcat/foreign.h"
#include "cli/netcat/usock_line.h"

/* ---- options ---- */

/* Each kind, and its schemes of usock where the proxy looks up names, and where we do. */
static const struct {
	const char *name, *remote, *local, *port;
} kinds[] = {
	{ "http", "http", "http", "3128" },
	{ "socks4", "socks4a", "socks4", "1080" },
	{ "socks5", "socks5h", "socks5", "1080" },
};

/* Returns what is wrong, or NULL. */
static const char *
split_proxy(struct ncat_proxy *p, const char *word, const char *usual_port)
{
	const char *port;
	uint16_t number;

	if (usock_line_split(word, p->host, sizeof(p->host), &port) < 0)
		return "The name of the proxy is too long.";
	if (port == NULL)
		port = usual_port;
	p->port = port;
	if (parse_port(port, &number, NULL) == 0)
		return NULL;
	snprintf(p->text, sizeof(p->text), "Invalid proxy port number \"%.80s\".", port);
	return p->text;
}

/* We look the host up first. An HTTP proxy (kind 0) looks names up itself. */
static void
try_both(struct ncat_proxy *p, size_t kind)
{
	if (kind == 0)
		return;
	p->is_remote = false;
	p->scheme = kinds[kind].local;
	p->other_scheme = kinds[kind].remote;
}

/* Returns whether we look up the host, or what is wrong with --proxy-dns. */
static const char *
parse_proxy_dns(struct ncat_proxy *p, const struct foreign_args *args, size_t kind)
{
	const char *how = foreign_value_name(args, "proxy-dns");
	const char *host = args->n_operands > 0 ? args->operands[0] : "";
	const bool local = how != NULL && strcmp(how, "local") == 0;
	const bool named = !usock_line_is_address(host);

	p->is_remote = named && !local;
	p->scheme = local ? kinds[kind].local : kinds[kind].remote;
	if (how == NULL || local || strcmp(how, "remote") == 0) {
		if (!local || !named || kind > 0)
			return NULL;
		return "--proxy-dns local: an HTTP proxy looks names up itself.";
	}
	if (strcmp(how, "both") == 0) {
		try_both(p, named ? kind : 0);
		return NULL;
	}
	if (strcmp(how, "none") != 0)
		return "Invalid proxy DNS type.";
	if (!named)
		return NULL;
	snprintf(p->text, sizeof(p->text),
	    "Could not resolve hostname \"%.200s\": --proxy-dns none forbids it.", host);
	return p->text;
}

static const char *
login_of(const struct foreign_args *args)
{
	const char *given = foreign_value_name(args, "proxy-auth");

	return given != NULL ? given : secure_getenv("NCAT_PROXY_AUTH");
}

/* Returns what is wrong, or NULL. */
static const char *
take_login(struct ncat_proxy *p, const char *login)
{
	char user[256];
	size_t len = strcspn(login, ":");

	snprintf(user, sizeof(user), "%.*s", (int)len, login);
	if (len < sizeof(user) &&
	    usock_line_login(p->login, sizeof(p->login), user,
		login[len] == ':' ? login + len + 1 : "") == 0)
		return NULL;
	return "The login of --proxy-auth is too long.";
}

static const char *
keep_users(struct ncat_proxy *p, const char *login, bool explain)
{
	if (explain)
		snprintf(p->users_file, sizeof(p->users_file), "FILE");
	else if (usock_line_keep_secret(login, p->users_file, sizeof(p->users_file)) < 0)
		return "Cannot keep the login of --proxy-auth.";
	return NULL;
}

static size_t
find_proxy_kind(const char *type)
{
	size_t i = 0;

	while (type != NULL && i < ARRAY_LEN(kinds) && strcmp(type, kinds[i].name) != 0)
		i++;
	return i;
}

const char *
ncat_proxy_parse(struct ncat_proxy *p, const struct foreign_args *args, bool listens)
{
	const char *type = foreign_value_name(args, "proxy-type"), *fault;
	const char *proxy = foreign_value_name(args, "proxy"), *login = login_of(args);
	size_t kind = find_proxy_kind(type);

	if (listens && type != NULL && kind != 0) {
		snprintf(p->text, sizeof(p->text),
		    "Invalid proxy type \"%.80s\"; Ncat proxy server only supports \"http\".",
		    type);
		return p->text;
	}
	if (listens)
		return type != NULL && login != NULL ? keep_users(p, login, args->explain) : NULL;
	if (kind == ARRAY_LEN(kinds)) {
		snprintf(p->text, sizeof(p->text), "Invalid proxy type \"%.80s\".", type);
		return p->text;
	}
	fault = parse_proxy_dns(p, args, kind);
	if (proxy == NULL || fault != NULL)
		return fault;
	if (login != NULL)
		fault = take_login(p, login);
	return fault != NULL ? fault : split_proxy(p, proxy, kinds[kind].port);
}

/* ---- words ---- */

void
ncat_proxy_add_client(const struct ncat_proxy *p, struct usock_line *line)
{
	usock_line_add_proxy(line, p->scheme, p->login, p->host, p->port);
}

void
ncat_proxy_add_server(const struct ncat_proxy *p, struct usock_line *line)
{
	usock_line_add_words(line, "--proxy-server http --plain-methods", NULL);
	if (p->users_file[0] != '\0')
		usock_line_add_words(line, "--proxy-users %", p->users_file);
}
