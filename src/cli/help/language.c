#include "cli/help/language.h"

#include <stddef.h>
#include <string.h>

#include "base/array.h"

/* A row without usage is the title of a group. */
static const struct language_line lines[] = {
	{ "Sockets", NULL, NULL },
	{ "connect", "?option ...? address", "open a connection; options as of usock connect" },
	{ "listen", "?option ...? address", "open a listening socket" },
	{ "socket", "?family ?type ?proto??? ?option value ...?",
	    "make a socket without an address" },
	{ "server", "address {handle addr port} body", "run body for each client during any wait" },
	{ "sendto", "?option ...? address data ...", "send datagrams; with --wait the replies" },
	{ "resolve", "?option ...? host ?service?", "look up the addresses of a host" },
	{ "getaddrinfo", "host port ?option value ...?", "look up addresses, as the documents do" },
	{ "ip_to_tuple", "address", "split an IPv4 address into its numbers" },
	{ "status", "?option ...? ?local ?peer??",
	    "the sockets of this host; alone, the current one" },
	{ "use", "?handle?", "choose the current socket, or name it" },
	{ "sockets", "?-all?", "the handles of all sockets" },
	{ "send", "bytes ?flags?", "send to the current socket; may send less" },
	{ "recv", "size ?flags?", "receive what is there, size bytes at most" },
	{ "readline", "?-chomp?", "receive a line" },
	{ "close", "?channel?", "close the current socket, or a file" },
	{ "tls", "subcommand ?argument ...?", "what TLS has agreed on" },
	{ "websocket", "subcommand ?argument ...?", "messages and ends of WebSocket" },
	{ "getpass", "?prompt?", "read a secret from the terminal" },
	{ "record", "start file | stop | status", "record what the sockets send and receive" },

	{ "Dialogue", NULL, NULL },
	{ "expect", "?-timeout d? ?-from s? pattern ?body ...?",
	    "wait for a pattern; anything else is an error" },
	{ "expect_before", "?pattern body ...?", "patterns that each expect tries first" },
	{ "expect_after", "?pattern body ...?", "patterns that each expect tries last" },
	{ "match_max", "?size?", "how many bytes expect keeps" },
	{ "exp_continue", "", "go on waiting, from the body of a pattern" },
	{ "interact", "?-raw? ?-crlf? ?socket?", "type to the socket; Ctrl-] returns" },

	{ "Tests", NULL, NULL },
	{ "test", "name body", "run body as a test" },
	{ "assert", "expression ?message?", "fail unless expression is true" },
	{ "assert-eq", "got expected ?message?", "fail unless both are the same bytes" },
	{ "fail", "?message?", "fail" },
	{ "skip", "?reason?", "leave the test; it counts as passed" },
	{ "todo", "?reason?", "mark the test as a known failure" },
	{ "cleanup", "body", "run body when the test has ended" },

	{ "Variables", NULL, NULL },
	{ "set", "varName ?newValue?", "set a variable, or return its value" },
	{ "unset", "?-nocomplain? ?--? ?varName ...?", "delete variables" },
	{ "incr", "varName ?increment?", "add to a number" },
	{ "append", "varName ?value ...?", "append to a variable" },
	{ "array", "subcommand arrayName ?argument ...?",
	    "arrays: get set names exists unset size" },
	{ "global", "?varName ...?", "use global variables in a procedure" },
	{ "upvar", "?level? otherVar localVar ...", "use a variable of the caller" },

	{ "Control", NULL, NULL },
	{ "if", "test ?then? body ?elseif test body ...? ?else? ?body?", "choose" },
	{ "while", "test body", "repeat while test is true" },
	{ "for", "start test next body", "repeat with a counter" },
	{ "foreach", "varList list ?varList list ...? body", "repeat for each element of lists" },
	{ "break", "", "leave a loop" },
	{ "continue", "", "go on with the next round of a loop" },
	{ "switch", "?option ...? value {pattern body ...}", "choose by a value" },
	{ "proc", "name args body", "define a procedure" },
	{ "return", "?option value ...? ?value?", "leave a procedure with a value" },
	{ "apply", "lambdaExpr ?arg ...?", "call a procedure without a name" },
	{ "eval", "arg ?arg ...?", "run the words as a script" },
	{ "uplevel", "?level? command ?arg ...?", "run a script in the caller" },
	{ "source", "fileName", "run a file" },
	{ "catch", "script ?resultVarName? ?optionVarName?", "run a script, and keep its error" },
	{ "try", "body ?handler ...? ?finally script?", "run a script, and treat its errors" },
	{ "throw", "type message", "raise an error with a code" },
	{ "error", "message ?errorInfo? ?errorCode?", "raise an error" },
	{ "after", "ms", "wait so many milliseconds" },
	{ "time", "command ?count?", "measure how long a script takes" },
	{ "exit", "?returnCode?", "end the program" },

	{ "Values", NULL, NULL },
	{ "expr", "arg ?arg ...?", "compute" },
	{ "string", "subcommand ?argument ...?",
	    "length range compare match map trim is and others" },
	{ "format", "formatString ?arg ...?", "make text as printf does" },
	{ "scan", "string format ?varName ...?", "take text apart" },
	{ "regexp", "?-option ...? exp string ?matchVar? ?subMatchVar ...?", "match text" },
	{ "regsub", "?-option ...? exp string subSpec ?varName?", "replace what matches" },
	{ "binary", "subcommand ?argument ...?", "format scan encode decode" },
	{ "subst", "?-nobackslashes? ?-nocommands? ?-novariables? string", "substitute in a text" },
	{ "clock", "subcommand ?argument ...?", "the time" },
	{ "list", "?arg ...?", "make a list" },
	{ "lindex", "list ?index ...?", "an element of a list" },
	{ "llength", "list", "the number of elements" },
	{ "lrange", "list first last", "a part of a list" },
	{ "lappend", "varName ?value ...?", "append elements to a variable" },
	{ "linsert", "list index ?element ...?", "insert elements" },
	{ "lreplace", "list first last ?element ...?", "replace elements" },
	{ "lset", "listVar ?index? ?index ...? value", "set an element of a variable" },
	{ "lassign", "list ?varName ...?", "elements to variables" },
	{ "lmap", "varList list ?varList list ...? body", "a list of the results of body" },
	{ "lreverse", "list", "a list from its end" },
	{ "lrepeat", "count ?value ...?", "a list of repeated elements" },
	{ "lsort", "?-option value ...? list", "sort a list" },
	{ "lsearch", "?-option value ...? list pattern", "find an element" },
	{ "split", "string ?splitChars?", "text to list" },
	{ "join", "list ?joinString?", "list to text" },
	{ "concat", "?arg ...?", "join lists" },
	{ "dict", "subcommand ?argument ...?", "dictionaries: get set keys for and others" },
	{ "info", "subcommand ?argument ...?", "exists commands procs args body level and others" },

	{ "Files and programs", NULL, NULL },
	{ "puts", "?-nonewline? ?channelId? string", "print a line" },
	{ "open", "fileName ?access? ?permissions?", "open a file" },
	{ "read", "?-nonewline? channelId ?numChars?", "read a file" },
	{ "gets", "channelId ?varName?", "read a line of a file" },
	{ "eof", "channelId", "true at the end of a file" },
	{ "flush", "channelId", "write what is buffered" },
	{ "fconfigure", "channelId -translation binary", "accepted, as all is binary" },
	{ "file", "subcommand ?argument ...?", "exists size delete rename mkdir and others" },
	{ "exec", "program ?argument ...?", "run a program" },

	{ "Prompt", NULL, NULL },
	{ "help", "?topic?", "explain a command or a topic" },
	{ "save", "file", "write the session as a script, with what has come" },
	{ "clear", "", "clear the screen" },
	{ "quit", "", "leave" },
};

const struct language_line *
language_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (lines[i].usage != NULL && strcmp(lines[i].name, name) == 0)
			return &lines[i];
	return NULL;
}

void
language_print(FILE *out)
{
	const char *before = "";

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (lines[i].usage == NULL)
			fprintf(out, "%s%s:\n", before, lines[i].name);
		else
			fprintf(out, "  %-14s %s\n", lines[i].name, lines[i].line);
		before = "\n";
	}
}

void
language_print_line(const struct language_line *l, FILE *out)
{
	fprintf(out, "usage: %s%s%s\n\n%s\n", l->name, l->usage[0] != '\0' ? " " : "", l->usage,
	    l->line);
}
