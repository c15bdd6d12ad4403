/*
 * An address of socat, "TYPE:PARAMETER...,OPTION[=VALUE]...", parsed by the rules of socat(1), ADDRESS
 * SPECIFICATIONS.
 */
#ifndef CLI_NETCAT_SOCAT_SOCAT_ADDRESS_H
#define CLI_NETCAT_SOCAT_SOCAT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/netcat/socat/socat_words.h"

struct error;

enum { SOCAT_TEXT_MAX = 2048, SOCAT_PARAMS_MAX = 5, SOCAT_GIVEN_MAX = 32 };

/* What is given points into room. */
struct socat_address {
	const struct socat_word *type;
	enum socat_role role; /* of the type, or of what its options make of it */
	bool is_line;         /* a file that is a serial line: a client, too */
	char family;          /* '4', '6' or 0 */
	char room[SOCAT_TEXT_MAX];
	const char *name; /* the type as it is written */
	const char *params[SOCAT_PARAMS_MAX];
	size_t n_params;
	struct socat_given {
		const struct socat_option *option;
		const char *name, *value; /* value: NULL where there is none */
	} given[SOCAT_GIVEN_MAX];
	size_t n_given;
};

/* Parses a word. Quotes and backslashes are taken away. Fails with ERROR_USAGE for a type that socat
 * does not have, or with another number of parameters; and for a type or an option without a
 * counterpart here, whose hint says what there is instead. */
int socat_address_parse(struct socat_address *a, const char *word, struct error *e);

/* Returns an option that was given, by any of its names, or NULL; the last one. */
const struct socat_given *socat_address_find(const struct socat_address *a, const char *name);

/* Returns its value, "" where it has none, or NULL where it is not given or switched off ("=0"). */
const char *socat_address_value(const struct socat_address *a, const char *name);

/* True where an option was given under this very name, or with "o-" in front, and not "=0". */
bool socat_address_has(const struct socat_address *a, const char *name);

/* Copies a part of text until one of the characters in ends: without quotes and backslashes, and
 * with brackets, in which ends do not count. Returns where the part ends, or NULL where size is too
 * small. */
const char *socat_address_part(const char *text, const char *ends, char *to, size_t size);

#endif
