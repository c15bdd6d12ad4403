#include "stream/negotiate/starttls.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/parse.h"
#include "stream/negotiate/excerpt.h"

struct step {
	const char *text; /* sent first; NULL: nothing */
	size_t n;
	const char *want; /* the answer expected then; NULL: none, TLS begins */
};

#define GREETING "220" /* RFC 5321, 4.2.3; RFC 959, 5.4 */

#define SEND(text) text, sizeof(text) - 1
#define SEND_NOTHING NULL, 0

struct starttls_dialogue {
	const char *name;
	/* Returns the length of the first complete line, element or packet in data, at most
	 * STARTTLS_MAX, or 0 if it is incomplete. */
	size_t (*length_of)(const unsigned char *data, size_t n);
	/* Returns 1 if the answer is the expected one, 0 if more has to arrive, -1. */
	int (*check)(struct starttls *s, const unsigned char *data, size_t n, struct error *e);
	/* Adds the parts of the request that are not constant; NULL: there are none. */
	int (*add_request)(struct starttls *s, struct error *e);
	struct step steps[4];
};

/* ---- readable excerpts ---- */

static void
report(const struct starttls *s, char who, const void *data, size_t n)
{
	char text[EXCERPT_MAX];

	if (s->on_message == NULL || n == 0)
		return;
	excerpt(text, data, n);
	s->on_message(s->arg, who, text);
}

static int
fail_refused(const void *data, size_t n, struct error *e)
{
	char text[EXCERPT_MAX];

	excerpt(text, data, n);
	return error_set(e, ERROR_TLS, "the server refuses TLS: %s", text);
}

static int
fail_protocol(const struct starttls *s, const void *data, size_t n, struct error *e)
{
	char text[EXCERPT_MAX];

	excerpt(text, data, n);
	return error_set(e, ERROR_TLS, "what the server says is not %s: %s", s->dialogue->name,
	    text);
}

#define NOT_OFFERED "the server offers no TLS"

static int
fail_not_offered(struct error *e)
{
	error_set(e, ERROR_TLS, NOT_OFFERED);
	return error_hint(e,
	    "some servers have another port, on which TLS begins at once: --tls without "
	    "--starttls");
}

/* ---- lines ---- */

static size_t
line_length(const unsigned char *data, size_t n)
{
	const unsigned char *end = memchr(data, '\n', n);

	return end != NULL ? (size_t)(end - data) + 1 : 0;
}

/* Until the first answer to us, what arrives may be the rest of a greeting that somebody else began
 * to read. */
static bool
is_resuming(const struct starttls *s)
{
	return s->greeted && s->step == 1;
}

/* Between the first and the last line of a reply, any lines may come (RFC 959, 4.2). */
static int
check_code(struct starttls *s, const unsigned char *data, size_t n, struct error *e)
{
	bool known =
	    n > 3 && parse_is_digit(data[0]) && parse_is_digit(data[1]) && parse_is_digit(data[2]);

	if (s->code[0] != '\0') {
		if (!known || memcmp(data, s->code, 3) != 0 || data[3] == '-')
			return 0;
	} else if (is_resuming(s) && (!known || memcmp(data, GREETING, 3) == 0)) {
		return 0;
	} else if (!known) {
		return fail_protocol(s, data, n, e);
	}
	s->code[0] = '\0';
	if (data[3] == '-') {
		memcpy(s->code, data, 3);
		return 0;
	}
	if (data[0] == '1') /* preliminary reply, another follows */
		return 0;
	return memcmp(data, s->dialogue->steps[s->step].want, 3) == 0 ? 1
								      : fail_refused(data, n, e);
}

static bool
begins_with(const unsigned char *data, size_t n, const char *words, const char *ends)
{
	size_t len = strlen(words);

	return n > len && strncasecmp((const char *)data, words, len) == 0 && data[len] != '\0' &&
	    strchr(ends, data[len]) != NULL;
}

static bool
begins_line(const unsigned char *data, size_t n, const char *words)
{
	return begins_with(data, n, words, " \r\n");
}

/* Looks for word in a list, bare or in brackets. */
static bool
has_word(const unsigned char *data, size_t n, const char *word)
{
	size_t len = strlen(word), i;

	for (i = 1; i + len < n; i++)
		if ((data[i - 1] == ' ' || data[i - 1] == '[') &&
		    begins_with(data + i, n - i, word, " ]\r\n"))
			return true;
	return false;
}

/* Servers announce STARTTLS in a line of the EHLO reply (RFC 3207, 4.2). */
static int
check_smtp(struct starttls *s, const unsigned char *data, size_t n, struct error *e)
{
	int rc;

	if (s->step == 1 && n > 4 && memcmp(data, "250", 3) == 0 &&
	    begins_line(data + 4, n - 4, "STARTTLS"))
		s->offered = true;
	rc = check_code(s, data, n, e);
	return rc == 1 && s->step == 1 && !s->offered ? fail_not_offered(e) : rc;
}

static int
check_pop3(struct starttls *s, const unsigned char *data, size_t n, struct error *e)
{
	if (begins_line(data, n, s->dialogue->steps[s->step].want))
		return 1;
	if (begins_line(data, n, "-ERR"))
		return fail_refused(data, n, e);
	return is_resuming(s) ? 0 : fail_protocol(s, data, n, e);
}

/* A greeting may list capabilities, and then lists all of them (RFC 9051, 7.1). */
static int
check_imap_greeting(const unsigned char *data, size_t n, struct error *e)
{
	if (has_word(data, n, "CAPABILITY") && !has_word(data, n, "STARTTLS"))
		return fail_not_offered(e);
	return 1;
}

static int
check_imap(struct starttls *s, const unsigned char *data, size_t n, struct error *e)
{
	if (begins_line(data, n, s->dialogue->steps[s->step].want))
		return s->step == 0 ? check_imap_greeting(data, n, e) : 1;
	if (begins_line(data, n, "u1") || begins_line(data, n, "* BYE") ||
	    begins_line(data, n, "* PREAUTH"))
		return fail_refused(data, n, e);
	if (is_resuming(s) || (s->step > 0 && begins_line(data, n, "*")))
		return 0;
	return fail_protocol(s, data, n, e);
}

/* ---- XMPP ---- */

static size_t
tag_length(const unsigned char *data, size_t n)
{
	unsigned char quote = 0;
	bool inside = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (quote != 0)
			quote = data[i] == quote ? 0 : quote;
		else if (inside && (data[i] == '"' || data[i] == '\''))
			quote = data[i];
		else if (data[i] == '<')
			inside = true;
		else if (inside && data[i] == '>')
			return i + 1;
	}
	return 0;
}

struct tag {
	char name[32]; /* without the prefix, with the slash of an end tag */
	bool empty;    /* "<name/>" */
};

static void
read_tag(const unsigned char *data, size_t n, struct tag *ret_tag)
{
	const unsigned char *open = memchr(data, '<', n);
	size_t at = (size_t)(open - data) + 1, len = 0;

	*ret_tag = (struct tag){ .empty = data[n - 2] == '/' && at < n - 2 };
	if (data[at] == '/')
		ret_tag->name[len++] = (char)data[at++];
	for (; at < n && strchr(" \t\r\n/>", data[at]) == NULL; at++) {
		if (data[at] == ':')
			len = ret_tag->name[0] == '/';
		else if (len + 1 < sizeof(ret_tag->name))
			ret_tag->name[len++] = (char)data[at];
	}
	ret_tag->name[len] = '\0';
}

static bool
tag_is(const struct tag *tag, const char *name)
{
	return strcmp(tag->name, name) == 0;
}

static int
check_features(struct starttls *s, const struct tag *tag, struct error *e)
{
	if (tag_is(tag, "starttls"))
		s->offered = true;
	if (!tag_is(tag, "/features") && !(tag_is(tag, "features") && tag->empty))
		return 0;
	return s->offered ? 1 : fail_not_offered(e);
}

/* The element inside <failure> or <stream:error> is the reason. */
static int
check_xmpp(struct starttls *s, const unsigned char *data, size_t n, struct error *e)
{
	struct tag tag;

	read_tag(data, n, &tag);
	if (s->failing || tag_is(&tag, "/stream") || (tag_is(&tag, "failure") && tag.empty))
		return fail_refused(data, n, e);
	s->failing = tag_is(&tag, "failure") || tag_is(&tag, "error");
	if (s->failing)
		return 0;
	if (s->step == 0)
		return check_features(s, &tag, e);
	return tag_is(&tag, "/proceed") || (tag_is(&tag, "proceed") && tag.empty);
}

static int
append_xml(struct buf *out, const char *text, struct error *e)
{
	int rc = 0;

	for (; *text != '\0' && rc == 0; text++) {
		if (strchr("&<>'\"", *text) != NULL)
			rc = buf_printf(out, e, "&#%d;", *text);
		else
			rc = buf_append(out, text, 1, e);
	}
	return rc;
}

static int
add_xmpp_host(struct starttls *s, struct error *e)
{
	if (s->step > 0)
		return 0;
	if (s->host == NULL)
		return buf_append(&s->out, ">", 1, e);
	if (buf_printf(&s->out, e, " to='") < 0 || append_xml(&s->out, s->host, e) < 0)
		return -1;
	return buf_printf(&s->out, e, "'>");
}

/* ---- LDAP ---- */

struct ber {
	const unsigned char *at;
	size_t n;
};

/* Returns the length of tag and length octets, or 0 if they are incomplete. Lengths of more than
 * four octets count as STARTTLS_MAX + 1. */
static size_t
ber_head(const struct ber *b, size_t *ret_len)
{
	size_t i, more;

	if (b->n < 2)
		return 0;
	*ret_len = b->at[1];
	if (b->at[1] < 0x80)
		return 2;
	more = b->at[1] & 0x7fu;
	*ret_len = STARTTLS_MAX + 1;
	if (more == 0 || more > 4)
		return 2;
	if (b->n < 2 + more)
		return 0;
	*ret_len = 0;
	for (i = 0; i < more; i++)
		*ret_len = *ret_len << 8 | b->at[2 + i];
	return 2 + more;
}

static bool
ber_read(struct ber *from, unsigned char tag, struct ber *ret_value)
{
	size_t len, head = ber_head(from, &len);

	if (head == 0 || from->at[0] != tag || len > from->n - head)
		return false;
	*ret_value = (struct ber){ from->at + head, len };
	from->at += head + len;
	from->n -= head + len;
	return true;
}

static size_t
ldap_length(const unsigned char *data, size_t n)
{
	const struct ber message = { data, n };
	size_t len, head = ber_head(&message, &len);

	if (n > 0 && data[0] != 0x30)
		return n;
	if (head == 0)
		return 0;
	if (len > STARTTLS_MAX - head)
		return n;
	return n >= head + len ? head + len : 0;
}

static int
check_ldap(struct starttls *s, const unsigned char *data, size_t n, struct error *e)
{
	struct ber all = { data, n }, message, id, answer, result, matched, why;
	char text[EXCERPT_MAX];

	if (!ber_read(&all, 0x30, &message) || !ber_read(&message, 0x02, &id) ||
	    !ber_read(&message, 0x78, &answer) || !ber_read(&answer, 0x0a, &result) ||
	    result.n != 1 || !ber_read(&answer, 0x04, &matched) || !ber_read(&answer, 0x04, &why))
		return fail_protocol(s, data, n, e);
	if (result.at[0] == 0 && id.n == 1 && id.at[0] == 1)
		return 1;
	excerpt(text, why.at, why.n);
	return error_set(e, ERROR_TLS, "the server refuses TLS: result %d%s%s", result.at[0],
	    why.n > 0 ? ", " : "", text);
}

/* ---- PostgreSQL ---- */

static uint32_t
big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The answer is one letter, or an error message with a length. */
static size_t
postgres_length(const unsigned char *data, size_t n)
{
	size_t len;

	if (n == 0 || data[0] != 'E')
		return n > 0;
	if (n < 5)
		return 0;
	len = big_endian(data + 1);
	if (len < 4 || len >= STARTTLS_MAX)
		return 1;
	return n > len ? len + 1 : 0;
}

/* An error is a list of fields, each a letter and a string. M is the message (PostgreSQL manual,
 * 55.8). */
static int
fail_postgres(const unsigned char *data, size_t n, struct error *e)
{
	size_t at = 5, len;

	while (at < n && data[at] != '\0') {
		len = strnlen((const char *)data + at + 1, n - at - 1);
		if (data[at] == 'M')
			return fail_refused(data + at + 1, len, e);
		at += len + 2;
	}
	return fail_refused("an error without a message", 26, e);
}

static int
check_postgres(struct starttls *s, const unsigned char *data, size_t n, struct error *e)
{
	switch (data[0]) {
	case 'S':
		return 1;
	case 'N':
		return fail_refused("N", 1, e);
	case 'E':
		return fail_postgres(data, n, e);
	default:
		return fail_protocol(s, data, n, e);
	}
}

/* ---- MySQL ---- */

#define MYSQL_TLS 0x0800u

/* A packet has three octets of length and one sequence number, then the payload. */
static size_t
mysql_length(const unsigned char *data, size_t n)
{
	size_t len;

	if (n < 4)
		return 0;
	len = data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16;
	if (len > STARTTLS_MAX - 4) /* too long for a greeting */
		return 4;
	return n >= len + 4 ? len + 4 : 0;
}

/* Version 10 has a string with the server's version, 13 bytes, and the capabilities. */
static int
check_mysql(struct starttls *s, const unsigned char *data, size_t n, struct error *e)
{
	const unsigned char *end;
	size_t at;

	if (n > 7 && data[4] == 0xff)
		return fail_refused(data + 7, n - 7, e);
	end = n > 5 && data[4] == 10 ? memchr(data + 5, '\0', n - 5) : NULL;
	if (end == NULL)
		return fail_protocol(s, data, n, e);
	at = (size_t)(end - data) + 14;
	if (at + 2 > n)
		return fail_protocol(s, data, n, e);
	s->sequence = data[3];
	if (((data[at] | (unsigned)data[at + 1] << 8) & MYSQL_TLS) == 0)
		return error_set(e, ERROR_TLS, NOT_OFFERED);
	return 1;
}

/* The TLS request is the start of a login: capabilities, maximum packet size, character set. */
static int
add_mysql_request(struct starttls *s, struct error *e)
{
	unsigned char request[36] = { 32, 0, 0, (unsigned char)(s->sequence + 1),
		/* protocol 4.1, TLS, secure connection */
		0x00, 0x8a, 0x00, 0x00,
		/* 16 MiB, utf8mb4 */
		0x00, 0x00, 0x00, 0x01, 45 };

	return s->step == 1 ? buf_append(&s->out, request, sizeof(request), e) : 0;
}

/* ---- the table ---- */

/* EHLO has an address literal, since the server could look up a name (RFC 5321, 4.1.3). */
static const struct starttls_dialogue dialogues[] = {
	[STARTTLS_SMTP] = { "SMTP", line_length, check_smtp, NULL,
	    { { SEND_NOTHING, "220" }, { SEND("EHLO [127.0.0.1]\r\n"), "250" },
		{ SEND("STARTTLS\r\n"), "220" } } },
	[STARTTLS_IMAP] = { "IMAP", line_length, check_imap, NULL,
	    { { SEND_NOTHING, "* OK" }, { SEND("u1 STARTTLS\r\n"), "u1 OK" } } },
	[STARTTLS_POP3] = { "POP3", line_length, check_pop3, NULL,
	    { { SEND_NOTHING, "+OK" }, { SEND("STLS\r\n"), "+OK" } } },
	[STARTTLS_FTP] = { "FTP", line_length, check_code, NULL,
	    { { SEND_NOTHING, "220" }, { SEND("AUTH TLS\r\n"), "234" } } },
	[STARTTLS_XMPP] = { "XMPP", tag_length, check_xmpp, add_xmpp_host,
	    { { SEND("<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' "
		     "xmlns:stream='http://etherx.jabber.org/streams'"),
		  "features" },
		{ SEND("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), "proceed" } } },
	[STARTTLS_LDAP] = { "LDAP", ldap_length, check_ldap, NULL,
	    { { SEND("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
		     "1.3.6.1.4.1.1466.20037"),
		"success" } } },
	[STARTTLS_POSTGRES] = { "PostgreSQL", postgres_length, check_postgres, NULL,
	    { { SEND("\0\0\0\x08\x04\xd2\x16\x2f"), "S" } } },
	[STARTTLS_MYSQL] = { "MySQL", mysql_length, check_mysql, add_mysql_request,
	    { { SEND_NOTHING, "greeting" } } },
};

/* ---- the dialogue ---- */

static int
start_step(struct starttls *s, struct error *e)
{
	const struct step *step = &s->dialogue->steps[s->step];
	size_t before = s->out.len;

	if (step->n > 0 && buf_append(&s->out, step->text, step->n, e) < 0)
		return -1;
	if (s->dialogue->add_request != NULL && s->dialogue->add_request(s, e) < 0)
		return -1;
	if (s->out.len > before)
		report(s, '>', buf_head(&s->out) + before, s->out.len - before);
	return 0;
}

bool
starttls_is_greeted(enum starttls_protocol protocol)
{
	return dialogues[protocol].steps[0].want != NULL && dialogues[protocol].steps[0].n == 0;
}

int
starttls_begin(struct starttls *s, struct error *e)
{
	s->dialogue = &dialogues[s->protocol];
	buf_init(&s->in, STARTTLS_MAX);
	buf_init(&s->out, STARTTLS_MAX);
	if (!s->greeted)
		return start_step(s, e);
	if (s->protocol == STARTTLS_MYSQL)
		return error_set(e, ERROR_TLS,
		    "the server's greeting, which says whether there is TLS, has been read "
		    "already");
	s->step = 1;
	return start_step(s, e);
}

int
starttls_hold(struct starttls *s, const void *data, size_t n, struct error *e)
{
	if (n > STARTTLS_MAX - s->received)
		return error_set(e, ERROR_TLS, "the server says more than %u bytes before TLS",
		    STARTTLS_MAX);
	s->received += n;
	return buf_append(&s->in, data, n, e);
}

bool
starttls_agreed(const struct starttls *s)
{
	return s->dialogue->steps[s->step].want == NULL;
}

static int
parse_message(struct starttls *s, size_t n, struct error *e)
{
	const unsigned char *data = (const unsigned char *)buf_head(&s->in);
	int rc;

	report(s, '<', data, n);
	rc = s->dialogue->check(s, data, n, e);
	buf_consume(&s->in, n);
	if (rc <= 0)
		return rc;
	s->step++;
	return start_step(s, e);
}

static int
check_no_more(const struct starttls *s, struct error *e)
{
	if (s->in.len == 0)
		return 0;
	error_set(e, ERROR_TLS,
	    "the server, or somebody on the way, goes on in plain text after "
	    "agreeing to TLS");
	return error_hint(e, "what comes unprotected must not pass for protected");
}

int
starttls_feed(struct starttls *s, const char *data, size_t n, struct error *e)
{
	size_t len;

	if (n > 0 && starttls_hold(s, data, n, e) < 0)
		return -1;
	while (!starttls_agreed(s) && s->in.len > 0) {
		len = s->dialogue->length_of((const unsigned char *)buf_head(&s->in), s->in.len);
		if (len == 0)
			return 0;
		if (parse_message(s, len, e) < 0)
			return -1;
	}
	return starttls_agreed(s) ? check_no_more(s, e) : 0;
}

void
starttls_fini(struct starttls *s)
{
	buf_fini(&s->in);
	buf_fini(&s->out);
}
