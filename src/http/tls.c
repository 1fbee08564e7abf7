/* TLS by OpenSSL, straight on the socket: version 1.2 and above, ALPN for HTTP/1.1, certificates of clients where asked for.
 * The buffers of a connection that waits are given back (SSL_MODE_RELEASE_BUFFERS), or thousands of idle ones would hold
 * 34 kB each. */
#include "base/check.h"
#include "base/err.h"
#include "base/utf8.h"
#include "http/inside.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

/* What OpenSSL says first, in words. */
static int tls_err(struct hilf_err *err, const char *what, const char *path)
{
	unsigned long code = ERR_peek_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;
	int rc = err_set(err, HILF_E_INVALID, "%s '%s' cannot be used: %s", what, path,
		reason ? reason : "it is not of its form, or cannot be read");
	ERR_clear_error();
	return rc;
}

static int pick_protocol(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_size,
	const unsigned char *offered, unsigned offered_size, void *ctx)
{
	static const unsigned char ours[] = "\x08http/1.1";
	(void)ssl;
	(void)ctx;
	int rc = SSL_select_next_proto((unsigned char **)(uintptr_t)ret_name, ret_size, ours,
		sizeof ours - 1, offered, offered_size);
	return rc == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int context_fill(SSL_CTX *context, const struct http_listen *listen, struct hilf_err *err)
{
	/* A session must not be taken up where other client certificates are asked for. */
	static const unsigned char session_id[] = "hilf";
	if (!SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
		!SSL_CTX_set_session_id_context(context, session_id, sizeof session_id - 1))
		return err_no_memory(err);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					     SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(context, pick_protocol, NULL);
	if (SSL_CTX_use_certificate_chain_file(context, listen->tls_cert) != 1)
		return tls_err(err, "the certificate", listen->tls_cert);
	if (SSL_CTX_use_PrivateKey_file(context, listen->tls_key, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(context) != 1)
		return tls_err(err, "the key", listen->tls_key);
	if (!listen->tls_client_ca)
		return 0;
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(listen->tls_client_ca);
	if (!names || SSL_CTX_load_verify_file(context, listen->tls_client_ca) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return tls_err(err, "the clients' authority", listen->tls_client_ca);
	}
	SSL_CTX_set_client_CA_list(context, names);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return 0;
}

SSL_CTX *tls_context(const struct http_listen *listen, struct hilf_err *err)
{
	ERR_clear_error();
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	if (!context) {
		err_no_memory(err);
		return NULL;
	}
	if (context_fill(context, listen, err) != 0) {
		SSL_CTX_free(context);
		return NULL;
	}
	ERR_clear_error();
	return context;
}

void tls_context_free(SSL_CTX *context)
{
	SSL_CTX_free(context);
}

SSL *tls_new(struct listener *listener, int fd)
{
	pthread_mutex_lock(&listener->tls_mutex);
	SSL *ssl = SSL_new(listener->tls);
	pthread_mutex_unlock(&listener->tls_mutex);
	if (ssl && SSL_set_fd(ssl, fd) == 1) {
		SSL_set_accept_state(ssl);
		return ssl;
	}
	SSL_free(ssl);
	ERR_clear_error();
	return NULL;
}

void tls_free(SSL *ssl)
{
	SSL_free(ssl);
}

/* The common name of a certificate that was verified, if it is text. */
static char *common_name(SSL *ssl)
{
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	char *name = NULL;
	if (!certificate)
		return NULL;
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int at = SSL_get_verify_result(ssl) == X509_V_OK
			 ? X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
			 : -1;
	if (at >= 0) {
		unsigned char *text = NULL;
		const ASN1_STRING *value =
			X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
		int size = ASN1_STRING_to_UTF8(&text, value);
		if (size > 0 && !memchr(text, '\0', (size_t)size) &&
			utf8_valid((const char *)text, (size_t)size))
			name = strndup((const char *)text, (size_t)size);
		OPENSSL_free(text);
	}
	X509_free(certificate);
	return name;
}

/* An error of the last call as an errno. */
static int fault_of(SSL *ssl, int rc)
{
	int error = SSL_get_error(ssl, rc);
	ERR_clear_error();
	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? -EAGAIN : -EPROTO;
}

int tls_handshake(SSL *ssl, char **ret_name)
{
	ERR_clear_error();
	int rc = SSL_do_handshake(ssl);
	if (rc != 1)
		return fault_of(ssl, rc);
	*ret_name = common_name(ssl);
	ERR_clear_error();
	return 0;
}

ssize_t tls_read(SSL *ssl, void *bytes, size_t size)
{
	size_t count = 0;
	ERR_clear_error();
	if (SSL_read_ex(ssl, bytes, size, &count) == 1)
		return (ssize_t)count;
	/* An end without its alert is an end: a message tells its own length here. */
	int error = SSL_get_error(ssl, 0);
	bool cut = error == SSL_ERROR_SSL &&
		   ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
	ERR_clear_error();
	if (error == SSL_ERROR_ZERO_RETURN || cut)
		return 0;
	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? -EAGAIN : -EPROTO;
}

ssize_t tls_write(SSL *ssl, const void *bytes, size_t size)
{
	size_t count = 0;
	ERR_clear_error();
	if (SSL_write_ex(ssl, bytes, size, &count) == 1)
		return (ssize_t)count;
	return fault_of(ssl, 0);
}

void tls_shutdown(SSL *ssl)
{
	ERR_clear_error();
	if (SSL_is_init_finished(ssl))
		SSL_shutdown(ssl); /* our alert alone */
	ERR_clear_error();
}
