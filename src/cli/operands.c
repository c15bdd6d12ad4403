#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "cli/operands.h"

int
operands_endpoint(const struct opt_rest *rest, bool listening, struct endpoint *ret_endpoint,
    struct error *e)
{
	if (rest->n_operands == 0)
		return error_set(e, ERROR_USAGE, "an address is missing: HOST PORT, or one word%s",
		    listening ? ", or a PORT" : "");
	if (rest->n_operands > 2)
		return error_set(e, ERROR_USAGE, "'%s' is one operand too many", rest->operands[2]);
	if (endpoint_parse(rest->operands[0], rest->n_operands == 2 ? rest->operands[1] : NULL,
		ret_endpoint, e) < 0)
		return -1;
	if (!listening && rest->n_operands == 1 && ret_endpoint->kind == ENDPOINT_INET &&
	    ret_endpoint->host[0] == '\0' && strchr(rest->operands[0], ':') == NULL)
		return error_set(e, ERROR_USAGE, "'%s': the host is missing", rest->operands[0]);
	if (!listening && ret_endpoint->kind == ENDPOINT_INET && ret_endpoint->port[0] == '\0')
		return error_set(e, ERROR_USAGE, "'%s': the port is missing", rest->operands[0]);
	return 0;
}

int
operands_check_stream(const struct endpoint *ep, struct error *e)
{
	switch (ep->transport) {
	case TRANSPORT_UDP:
	case TRANSPORT_DTLS:
		return error_set(e, ERROR_USAGE, "udp: datagrams are not in this version");
	case TRANSPORT_TLS:
		return error_set(e, ERROR_USAGE, "tls: TLS is not in this version");
	default:
		break;
	}
	if (ep->kind == ENDPOINT_VSOCK || ep->kind == ENDPOINT_CAN)
		return error_set(e, ERROR_USAGE, "%s: not in this version",
		    ep->kind == ENDPOINT_CAN ? "can" : "vsock");
	return 0;
}
