# The TLS module, where mbedTLS 2.28, 3.x or 4.x is installed. 2.28 of distributions has neither a .pc file
# nor a CMake package, so all versions are found by their header and libraries.
set(USOCK_TLS AUTO CACHE STRING "TLS by mbedTLS: ON, OFF, or AUTO where it is installed")
set_property(CACHE USOCK_TLS PROPERTY STRINGS AUTO ON OFF)

if(NOT USOCK_TLS STREQUAL "OFF")
	find_path(MBEDTLS_INCLUDE_DIR mbedtls/ssl.h)
	find_library(MBEDTLS_LIBRARY mbedtls)
	find_library(MBEDX509_LIBRARY mbedx509)
	find_library(MBEDCRYPTO_LIBRARY NAMES tfpsacrypto mbedcrypto)
	mark_as_advanced(MBEDTLS_INCLUDE_DIR MBEDTLS_LIBRARY MBEDX509_LIBRARY MBEDCRYPTO_LIBRARY)
endif()

if(MBEDTLS_INCLUDE_DIR AND MBEDTLS_LIBRARY AND MBEDX509_LIBRARY AND MBEDCRYPTO_LIBRARY)
	usock_leave_out(src/stream/tls_none.c)
	usock_module(tls SOURCES src/stream/mbedtls/.*.c BELOW stream
		LIBS ${MBEDTLS_LIBRARY} ${MBEDX509_LIBRARY} ${MBEDCRYPTO_LIBRARY} INCLUDES ${MBEDTLS_INCLUDE_DIR})
elseif(USOCK_TLS STREQUAL "ON")
	message(FATAL_ERROR "USOCK_TLS=ON, but mbedTLS is not installed (Debian: libmbedtls-dev)")
else()
	usock_leave_out(src/stream/tls.c src/stream/mbedtls/.*.c)
	message(STATUS "TLS: none, as mbedTLS is not installed or not wanted")
endif()
