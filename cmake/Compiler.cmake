# How every file is compiled and linked.
include(CheckCCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)
include(CheckSymbolExists)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT USOCK_SANITIZE)
	check_pie_supported(LANGUAGES C)
endif()

get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT CMAKE_BUILD_TYPE AND NOT multi_config)
	set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# glibc before 2.34 has the resolver's functions in libresolv.
list(APPEND CMAKE_REQUIRED_DEFINITIONS -D_GNU_SOURCE)
check_symbol_exists(res_query "netinet/in.h;arpa/nameser.h;resolv.h" USOCK_RESOLVER_IN_LIBC)
list(REMOVE_ITEM CMAKE_REQUIRED_DEFINITIONS -D_GNU_SOURCE)

add_library(usock_flags INTERFACE)
target_include_directories(usock_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(usock_flags INTERFACE _GNU_SOURCE USOCK_VERSION="${PROJECT_VERSION}" USOCK_LOOP="${USOCK_LOOP}")
target_link_libraries(usock_flags INTERFACE Threads::Threads $<$<NOT:$<BOOL:${USOCK_RESOLVER_IN_LIBC}>>:resolv>)
target_compile_options(usock_flags INTERFACE
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2
	$<$<BOOL:${USOCK_WERROR}>:-Werror>)

if(USOCK_SANITIZE)
	target_compile_options(usock_flags INTERFACE
		-fsanitize=${USOCK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(usock_flags INTERFACE -fsanitize=${USOCK_SANITIZE})
	# Programs of the tests start a thousand times. With the sanitizers linked in and no relocations they do so in half
	# the time; the modules use the sanitizer of the program.
	if(CMAKE_C_COMPILER_ID STREQUAL GNU)
		target_link_options(usock_flags INTERFACE -static-libasan -static-libubsan
			$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie$<SEMICOLON>LINKER:--export-dynamic>)
	endif()
endif()

if(USOCK_COVERAGE)
	target_compile_options(usock_flags INTERFACE --coverage)
	target_link_options(usock_flags INTERFACE --coverage)
endif()

# Add the options that this compiler or linker knows.
function(usock_compile_if_known)
	foreach(flag IN LISTS ARGN)
		string(MAKE_C_IDENTIFIER "HAVE${flag}" known)
		check_c_compiler_flag("${flag}" ${known})
		if(${known})
			target_compile_options(usock_flags INTERFACE ${flag})
		endif()
	endforeach()
endfunction()

function(usock_link_if_known)
	foreach(flag IN LISTS ARGN)
		string(MAKE_C_IDENTIFIER "HAVE${flag}" known)
		check_linker_flag(C "${flag}" ${known})
		if(${known})
			target_link_options(usock_flags INTERFACE ${flag})
		endif()
	endforeach()
endfunction()

if(USOCK_HARDEN)
	usock_compile_if_known(-fstack-protector-strong -fstack-clash-protection -fcf-protection)
	usock_link_if_known(-Wl,-z,relro -Wl,-z,now)
	# Undefine it first: some compilers define _FORTIFY_SOURCE themselves and warn about a second definition.
	target_compile_options(usock_flags INTERFACE
		$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE$<SEMICOLON>-D_FORTIFY_SOURCE=3>)
endif()
