using System.Text;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Connectivity.Contract;

/// <summary>What may be a user name, a circuit id, a password: what fits into one attribute of RADIUS (RFC 2865 section 5: 253 octets) and can be read.</summary>
internal static class LineNames
{
    public const int MaxOctets = 253;
    public const string Allowed = "1 to 253 octets of UTF-8 without blanks and control characters";

    public static bool IsUserName(string name) => name.Length > 0 && Fits(name) && !name.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c));

    public static bool IsCircuit(string id) => Fits(id) && !id.Any(char.IsControl);

    public static bool Fits(string text) => Encoding.UTF8.GetByteCount(text) <= MaxOctets;

    public static Refusal? CheckSettings(string userName) => userName.Length == 0 || IsUserName(userName)
        ? null
        : Refusal.Invalid("connectivity.line.user-name", "settings.userName", "this is no user name", Allowed);
}
