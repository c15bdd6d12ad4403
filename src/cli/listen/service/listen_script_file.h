/*
 * --script FILE: each client of the server has its socket used by a script. The server accepts, checks, negotiates
 * and counts as for every client.
 */
#ifndef CLI_LISTEN_SERVICE_LISTEN_SCRIPT_FILE_H
#define CLI_LISTEN_SERVICE_LISTEN_SCRIPT_FILE_H

struct error;
struct listen_server;

/* The operations of struct listen_service. */
int listen_script_file_set_up(struct listen_server *sv, struct error *e);
int listen_script_file_open(struct listen_server *sv, struct error *e);
int listen_script_file_run(struct listen_server *sv, struct error *e);
void listen_script_file_close(struct listen_server *sv);
void listen_script_file_fini(struct listen_server *sv);

#endif
