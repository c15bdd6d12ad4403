#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/parse.h"
#include "cli/core/inherited.h"
#include "cli/core/program_env.h"
#include "cli/options/address_args.h"
#include "net/connect.h"

int
address_args_check_empty(const struct opt_rest *rest, struct error *e)
{
	static const char *const names[] = { "host", "port" };

	for (int i = 0; i < rest->n_operands && i < 2; i++) {
		if (rest->operands[i][0] != '\0')
			continue;
		error_set(e, ERROR_USAGE, "the %s is empty",
		    rest->n_operands == 1 ? "address" : names[i]);
		return error_hint(e,
		    "a variable that is not set? Any address is written as :PORT or '*'");
	}
	return 0;
}

/* Refuses "tcp:" before a port: the shell variable for the host was probably not set. */
static int
check_any(const struct opt_rest *rest, const struct endpoint *ep, struct error *e)
{
	const char *word = rest->operands[0];

	if (rest->n_operands < 2 || ep->kind != ENDPOINT_INET || ep->host[0] != '\0' ||
	    word[strlen(word) - 1] == '*')
		return 0;
	return error_set(e, ERROR_USAGE, "'%s': the host is empty", word);
}

/* The words are the wrong way round, or "--" is missing: "7001 cat". Hosts are numbers, too: 0 and 2130706433. */
static int
check_word_order(const struct opt_rest *rest, bool listening, struct error *e)
{
	const char *first = rest->operands[0], *second;
	uint16_t port;

	if (rest->n_operands != 2 || parse_port(first, &port, NULL) < 0 || port == 0)
		return 0;
	second = rest->operands[1];
	if (second[strcspn(second, "0123456789")] != '\0')
		return 0;
	error_set(e, ERROR_USAGE, "'%s' is a port where the host is expected", first);
	if (listening && program_env_check_path(second, NULL) == 0)
		return error_hint(e, "a program stands behind --: %s -- %s", first, second);
	return error_hint(e, "the host comes first: %s %s", second, first);
}

int
address_args_endpoint(const struct opt_rest *rest, bool listening, struct endpoint *ret_endpoint,
    struct error *e)
{
	if (rest->n_operands == 0) {
		error_set(e, ERROR_USAGE, "an address is missing: HOST PORT, or one word%s",
		    listening ? ", or a PORT" : "");
		return rest->program != NULL
		    ? error_hint(e, "it stands before --; what follows -- is a program")
		    : -1;
	}
	if (rest->n_operands > 2)
		return error_set(e, ERROR_USAGE, "unexpected argument '%s'", rest->operands[2]);
	if (address_args_check_empty(rest, e) < 0 || check_word_order(rest, listening, e) < 0 ||
	    endpoint_parse(rest->operands[0], rest->n_operands == 2 ? rest->operands[1] : NULL,
		ret_endpoint, e) < 0 ||
	    check_any(rest, ret_endpoint, e) < 0)
		return -1;
	if (!listening && rest->n_operands == 1 && ret_endpoint->kind == ENDPOINT_INET &&
	    ret_endpoint->host[0] == '\0' && strchr(rest->operands[0], ':') == NULL)
		return error_set(e, ERROR_USAGE, "'%s': the host is missing", rest->operands[0]);
	return inherited_resolve(ret_endpoint, e);
}

int
address_args_check_port(const struct opt_rest *rest, const struct endpoint *ep,
    const struct bind_how *how, struct error *e)
{
	if (ep->kind != ENDPOINT_INET)
		return 0;
	if (ep->port[0] == '\0' && bind_how_has_ports(how))
		return error_set(e, ERROR_USAGE, "'%s': the port is missing", rest->operands[0]);
	if (ep->port[0] != '\0' && !bind_how_has_ports(how))
		return error_set(e, ERROR_USAGE, "'%s': this protocol has no ports", ep->port);
	return 0;
}
