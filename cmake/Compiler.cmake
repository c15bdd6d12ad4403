# How every file is compiled and linked.
include(CMakePushCheckState)
include(CheckCCompilerFlag)
include(CheckCSourceRuns)
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
	# Programs of the tests start ten thousand times. With the sanitizers linked in and no relocations they do so in half
	# the time; the modules use the sanitizer of the program. Undefined behaviour is an illegal instruction, whose place
	# AddressSanitizer prints (ASAN_OPTIONS=handle_sigill=1): the places of all checks would be 4.4 MB of data, which the
	# search for leaks reads at each exit.
	if(CMAKE_C_COMPILER_ID STREQUAL GNU)
		target_compile_options(usock_flags INTERFACE -fsanitize-undefined-trap-on-error)
		target_link_options(usock_flags INTERFACE -static-libasan -static-libubsan
			$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie$<SEMICOLON>LINKER:--export-dynamic>)
	endif()
endif()

if(USOCK_COVERAGE)
	target_compile_options(usock_flags INTERFACE --coverage)
	target_link_options(usock_flags INTERFACE --coverage)
endif()

# Add the options that this compiler or linker knows. One that it only warns about is not known.
function(usock_compile_if_known)
	set(CMAKE_REQUIRED_FLAGS -Werror)
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

# Tables of pointers make thousands of relocations. In the packed form the loader does them in a quarter of the instructions.
# A linker may know the option and make what this C library's loader refuses, so a program with such a table has to run.
if(NOT USOCK_SANITIZE AND NOT CMAKE_CROSSCOMPILING)
	cmake_push_check_state()
	set(CMAKE_REQUIRED_FLAGS "-fPIE")
	set(CMAKE_REQUIRED_LINK_OPTIONS -pie -Wl,-z,pack-relative-relocs)
	check_c_source_runs("
		static int one, two;
		int *volatile table[] = { &one, &two };
		int main(void) { return *table[0] + *table[1]; }" USOCK_PACKS_RELOCATIONS)
	cmake_pop_check_state()
	if(USOCK_PACKS_RELOCATIONS)
		target_link_options(usock_flags INTERFACE -Wl,-z,pack-relative-relocs)
	endif()
endif()

if(USOCK_HARDEN)
	# Of these, -fcf-protection is for x86 (CET), -mbranch-protection for arm64. Position-independent programs: above.
	usock_compile_if_known(-fstack-protector-strong -fstack-clash-protection -fcf-protection -mbranch-protection=standard)
	usock_link_if_known(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
	# It needs optimization. Who builds a package may have set its level; a compiler may define it, and warns when it is
	# defined again.
	if(NOT CMAKE_C_FLAGS MATCHES "_FORTIFY_SOURCE")
		target_compile_options(usock_flags INTERFACE
			$<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE$<SEMICOLON>-D_FORTIFY_SOURCE=3>)
	endif()
endif()

# No file names the folders it was built from, so that the same source gives the same bytes.
check_c_compiler_flag("-ffile-prefix-map=/a=/b" USOCK_MAPS_FILES)
if(USOCK_MAPS_FILES)
	target_compile_options(usock_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>
		$<$<NOT:$<CONFIG:Debug>>:-ffile-prefix-map=${PROJECT_BINARY_DIR}=build>)
endif()

# Links a program that needs no shared library, at any address where that goes. A compiler may take -static-pie and still
# link a shared C library, as musl-gcc does; a program that has no loader says so.
function(usock_link_statically target)
	set(CMAKE_REQUIRED_FLAGS -fPIE)
	set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie)
	check_c_source_runs("
		#include <sys/auxv.h>
		int main(void) { return getauxval(AT_BASE) != 0; }" USOCK_LINKS_STATIC_PIE)
	if(USOCK_LINKS_STATIC_PIE)
		# as a property CMake would add -pie, which has a loader
		set_property(TARGET ${target} PROPERTY POSITION_INDEPENDENT_CODE)
		target_compile_options(${target} PRIVATE -fPIE)
		target_link_options(${target} PRIVATE -static-pie)
	else()
		set_property(TARGET ${target} PROPERTY POSITION_INDEPENDENT_CODE OFF)
		target_link_options(${target} PRIVATE -static)
	endif()
endfunction()
