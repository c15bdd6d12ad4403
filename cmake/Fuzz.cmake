# One libFuzzer program for each tests/fuzz/<name>.c, each linked to all layers, in <build>/fuzz/. Run them with ./dev fuzz.
if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
	message(FATAL_ERROR "USOCK_FUZZ wants clang: configure with -DCMAKE_C_COMPILER=clang")
endif()
target_compile_options(usock_flags INTERFACE -fsanitize=fuzzer-no-link)
target_link_options(usock_flags INTERFACE -fsanitize=fuzzer-no-link)

file(GLOB fuzz_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/*.c)
foreach(source IN LISTS fuzz_sources)
	get_filename_component(name ${source} NAME_WE)
	add_executable(fuzz_${name} ${source})
	set_target_properties(fuzz_${name} PROPERTIES
		OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
	target_link_libraries(fuzz_${name} PRIVATE usock_cli)
	usock_modules_in(fuzz_${name})
	target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endforeach()
