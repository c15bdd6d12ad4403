# One program for each tests/unit/<layer>/<module>.c, linked only to that layer and those below it, in
# <build>/tests/unit/<layer>/. ctest runs them, and the bats files through tests/run.
enable_testing()

file(GLOB unit_sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/tests/unit ${PROJECT_SOURCE_DIR}/tests/unit/*/*.c)
if(NOT TARGET usock_in_tls)
	list(FILTER unit_sources EXCLUDE REGEX "^stream/mbedtls_")
endif()
foreach(source IN LISTS unit_sources)
	get_filename_component(module ${source} NAME_WE)
	get_filename_component(layer ${source} DIRECTORY)
	if(NOT TARGET usock_${layer})
		message(FATAL_ERROR "tests/unit/${source}: its folder must be named as a layer")
	endif()
	set(name ${layer}_${module})
	add_executable(unit_${name} ${PROJECT_SOURCE_DIR}/tests/unit/${source})
	target_include_directories(unit_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
	set_target_properties(unit_${name} PROPERTIES
		OUTPUT_NAME ${module} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/unit/${layer})
	target_link_libraries(unit_${name} PRIVATE usock_${layer})
	usock_modules_in(unit_${name})
	if(NOT TARGET unit_${layer})
		add_custom_target(unit_${layer})
	endif()
	add_dependencies(unit_${layer} unit_${name})
	add_test(NAME unit/${layer}/${module} COMMAND unit_${name})
	set_tests_properties(unit/${layer}/${module} PROPERTIES TIMEOUT 60)
endforeach()
target_compile_definitions(unit_script_files PRIVATE TEST_SCRIPTS="${PROJECT_SOURCE_DIR}/tests/script")
target_compile_definitions(unit_relay_ending PRIVATE TEST_ENDS="${PROJECT_SOURCE_DIR}/docs/ends.md")
target_compile_definitions(unit_script_manual PRIVATE TEST_MANUAL="${PROJECT_SOURCE_DIR}/man/usock-script.7")
# They refuse memory.
foreach(name IN ITEMS base_error relay_session)
	target_link_options(unit_${name} PRIVATE -Wl,--wrap=malloc)
endforeach()
target_link_options(unit_script_life PRIVATE -Wl,--wrap=calloc)

# What the bats files run.
add_custom_target(for_bats DEPENDS usock)

# The simulation replaces clock, loop kernel and datagrams of the libraries with its own.
file(GLOB sim_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/sim/*.c)
add_executable(sim ${sim_sources})
set_target_properties(sim PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/sim)
target_link_libraries(sim PRIVATE usock_relay)
target_link_options(sim PRIVATE
	-Wl,--wrap=sys_local_name,--wrap=process_stream,--wrap=loop_child_watch,--wrap=loop_child_disown)
usock_modules_in(sim)
add_test(NAME sim COMMAND sim -n 20000)

if(TARGET usock_in_regex)
	add_executable(tclrun ${PROJECT_SOURCE_DIR}/tests/script/tclrun.c)
	set_target_properties(tclrun PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/script)
	target_link_libraries(tclrun PRIVATE usock_tcl usock_in_regex m)
	add_dependencies(for_bats tclrun)
endif()

# Peers in C for the bats files, in <build>/tests/peer/.
file(GLOB peer_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/peer/*.c)
foreach(source IN LISTS peer_sources)
	get_filename_component(name ${source} NAME_WE)
	add_executable(peer_${name} ${source})
	set_target_properties(peer_${name} PROPERTIES
		OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/peer)
	target_compile_definitions(peer_${name} PRIVATE _GNU_SOURCE)
	add_dependencies(for_bats peer_${name})
endforeach()

# Libraries that bats files preload to make a system call fail: <build>/tests/preload/NAME.so.
file(GLOB preload_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/preload/*.c)
foreach(source IN LISTS preload_sources)
	get_filename_component(name ${source} NAME_WE)
	add_library(preload_${name} MODULE ${source})
	set_target_properties(preload_${name} PROPERTIES
		PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/preload)
	target_compile_definitions(preload_${name} PRIVATE _GNU_SOURCE)
	target_link_libraries(preload_${name} PRIVATE ${CMAKE_DL_LIBS})
	add_dependencies(for_bats preload_${name})
endforeach()

add_test(NAME bats COMMAND ${PROJECT_SOURCE_DIR}/tests/run -b ${PROJECT_BINARY_DIR} .bats)

# The fuzz targets are run elsewhere (Fuzz.cmake); here they are compiled, so that a change of what they call is seen.
file(GLOB fuzz_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/*.c)
add_library(usock_fuzz_targets OBJECT ${fuzz_sources})
target_link_libraries(usock_fuzz_targets PRIVATE usock_cli)
