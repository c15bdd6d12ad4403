# Where `cmake --install` puts each file. A component is named after the package that it becomes, so that
# `cmake --install BUILD --component usock-doc` installs the files of one package.
include(GNUInstallDirs)
set(USOCK_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING
	"Where zsh looks for completions; packages of Debian: share/zsh/vendor-completions")

install(TARGETS usock COMPONENT usock)

foreach(section 1 5 7)
	file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.${section})
	list(FILTER pages EXCLUDE REGEX "/usock-bash\\.7$")
	install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT usock)
endforeach()

install(FILES completions/usock.bash
	DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME usock COMPONENT usock)
install(FILES completions/_usock DESTINATION ${USOCK_ZSH_DIR} COMPONENT usock)
install(FILES completions/usock.fish
	DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT usock)

install(FILES README.md CHANGELOG.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT usock)
# packages have a place of their own for it, and leave this component out
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT license)

install(DIRECTORY tests/examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT usock-doc)
install(FILES share/usock.bash share/recording.schema.json share/events.schema.json
	DESTINATION ${CMAKE_INSTALL_DATADIR}/usock COMPONENT usock-doc)
install(FILES man/usock-bash.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7 COMPONENT usock-doc)
