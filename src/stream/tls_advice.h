/*
 * What the hints of TLS failures may name.
 */
#ifndef STREAM_TLS_ADVICE_H
#define STREAM_TLS_ADVICE_H

/* The options that a connection has. */
enum tls_advice {
	TLS_ADVICE_OPTIONS,    /* --ca-file, --insecure, --cert and the others */
	TLS_ADVICE_PROXY,      /* --proxy-ca-file and --proxy-insecure */
	TLS_ADVICE_ENVIRONMENT /* SSL_CERT_FILE alone */
};

#endif
