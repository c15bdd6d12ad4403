/*
 * The service --script: each client runs in a script, as in the body of the
 * command server of scripts (script/server.c).
 */
#ifndef CLI_LISTEN_SERVICE_LISTEN_SCRIPT_FILE_H
#define CLI_LISTEN_SERVICE_LISTEN_SCRIPT_FILE_H

struct error;
struct listen_server;

/* The operations of a struct listen_service. */
int listen_script_file_set_up(struct listen_server *sv, struct error *e);
int listen_script_file_serve(struct listen_server *sv, struct error *e);

#endif
