{
  lib,
  stdenv,
  cmake,
  mandoc,
  ninja,
  libedit,
  libidn2,
  mbedtls,
  pcre2,
}:

stdenv.mkDerivation {
  pname = "usock";
  version = builtins.head (
    builtins.match ".*project\\(usock VERSION ([0-9.]+).*" (builtins.readFile ../../CMakeLists.txt)
  );
  src = ../..;

  nativeBuildInputs = [
    cmake
    mandoc
    ninja
  ];
  buildInputs = [
    libedit
    libidn2
    mbedtls
    pcre2
  ];
  cmakeFlags = [
    "-DUSOCK_TLS=ON"
    "-DUSOCK_REGEX=ON"
    "-DUSOCK_PROMPT=ON"
    "-DUSOCK_IDN=ON"
    "-DUSOCK_HTML=ON"
  ];
  # of the tests, those of ctest that start no other programs
  checkPhase = ''
    ctest --tests-regex '^unit/' --output-on-failure
  '';

  meta = {
    description = "Command-line socket tool with a scripting language";
    license = lib.licenses.mit;
    platforms = lib.platforms.linux;
    mainProgram = "usock";
  };
}
