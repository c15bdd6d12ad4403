/*
 * How a serial line is set, as people write it: 115200,8n1,crtscts.
 */
#ifndef NET_TTY_TTY_LINE_H
#define NET_TTY_TTY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/* All zero: the speed that the line has, 8 bits, no parity, one stop bit, no flow control. */
struct tty_line {
	uint32_t speed;  /* bits a second; 0: as it is */
	uint8_t bits;    /* 5 to 8; 0: 8n1 */
	char parity;     /* 'n', 'e' or 'o' */
	uint8_t stops;   /* 1 or 2 */
	bool rtscts;     /* flow control by RTS and CTS */
	bool xonxoff;    /* flow control by ^S and ^Q */
	bool no_carrier; /* ignore the carrier: its loss is no hang-up */
};

/* Parses words that are separated by commas: a speed, "8n1", "crtscts", "xonxoff", "clocal". Each
 * may be there once. Returns -1 with ERROR_USAGE. */
int tty_line_parse(const char *text, struct tty_line *ret_line, struct error *e);

/* Formats what is set, with a comma in front of each word: ",115200,8n1". Returns text. */
const char *tty_line_format(const struct tty_line *line, char *text, size_t size);

#endif
