/*
 * TLS in scripts: the method starttls.
 */
#ifndef CLI_COMMANDS_SCRIPT_SCRIPT_TLS_H
#define CLI_COMMANDS_SCRIPT_SCRIPT_TLS_H

struct script;

/* Adds `$s starttls ?-server? ?-proto protocol? ?option ...?`. */
void script_tls_add(struct script *sc);

#endif
