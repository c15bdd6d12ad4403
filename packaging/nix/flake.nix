# From the top of the tree: nix build '.?dir=packaging/nix'
{
  description = "usock, a command-line socket tool with a scripting language";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: rec {
        usock = pkgs.callPackage ./package.nix { };
        default = usock;
      });

      checks = each (pkgs: {
        usock = self.packages.${pkgs.system}.usock.overrideAttrs { doCheck = true; };
      });

      apps = each (pkgs: {
        default = {
          type = "app";
          program = "${self.packages.${pkgs.system}.usock}/bin/usock";
        };
      });
    };
}
