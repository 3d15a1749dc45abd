using System.Net;
using System.Net.Sockets;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;

namespace Tsunagi.Connectivity.Lines;

/// <summary>What a line may be.</summary>
internal static class LineRules
{
    private const int MaxRoute = 253;

    public static Refusal? Check(LineRow line, LineOptions options)
    {
        if (line.Name.Length is 0 or > 200 || line.Name.Any(char.IsControl))
        {
            return Refusal.Invalid("connectivity.line.name", "name", "the name is empty, longer than 200 characters, or holds control characters", "1 to 200 characters");
        }

        if (line.UserName.Length + line.CircuitId.Length + line.RemoteId.Length == 0)
        {
            return Refusal.Invalid("connectivity.line.nothing", "userName", "nothing would tell this line from others", "a user name, a circuit id or a remote id");
        }

        if (line.UserName.Length > 0 && !LineNames.IsUserName(line.UserName))
        {
            return Refusal.Invalid("connectivity.line.user-name", "userName", "this is no user name", LineNames.Allowed);
        }

        if (!LineNames.IsCircuit(line.CircuitId) || !LineNames.IsCircuit(line.RemoteId))
        {
            return Refusal.Invalid("connectivity.line.circuit", LineNames.IsCircuit(line.CircuitId) ? "remoteId" : "circuitId", "the id holds control characters or is too long", "at most 253 octets");
        }

        if (line.CircuitProves && line.CircuitId.Length + line.RemoteId.Length == 0)
        {
            return Refusal.Invalid("connectivity.line.circuit", "circuitId", "a circuit is to prove the line, and none is given", "a circuit id or a remote id");
        }

        return CheckText(line.Port, "port") ?? CheckAddresses(line) ?? CheckLists(line, options);
    }

    /// <summary>The canonical text of a fixed address or prefix ("192.0.2.1" is "192.0.2.1/32"); null when it is none of this family.</summary>
    public static string? Canonical(string text, AddressFamily family)
    {
        if (text.Length == 0)
        {
            return "";
        }

        var whole = text.Contains('/', StringComparison.Ordinal) ? text : text + (family == AddressFamily.InterNetwork ? "/32" : "/128");
        return CidrRange.Parse(whole) is { } range && IPNetwork.Parse(range.Cidr).BaseAddress.AddressFamily == family ? range.Cidr : null;
    }

    private static Refusal? CheckText(string text, string field) => text.Any(char.IsControl)
        ? Refusal.Invalid("connectivity.line.text", field, "the text holds control characters", "letters, digits, signs")
        : null;

    private static Refusal? CheckAddresses(LineRow line) =>
        Wrong(line.V4, AddressFamily.InterNetwork, 1, 32, "v4") ?? Wrong(line.V6, AddressFamily.InterNetworkV6, 128, 128, "v6")
        ?? Wrong(line.LinkPrefix, AddressFamily.InterNetworkV6, 48, 127, "linkPrefix") ?? Wrong(line.DelegatedPrefix, AddressFamily.InterNetworkV6, 32, 64, "delegatedPrefix");

    private static Refusal? Wrong(string text, AddressFamily family, int shortest, int longest, string field) =>
        text.Length == 0 || (Canonical(text, family) is { } cidr && IPNetwork.Parse(cidr).PrefixLength is var length && length >= shortest && length <= longest)
            ? null
            : Refusal.Invalid(
                "connectivity.line.address", field, $"\"{text}\" is no address or prefix that can stand here",
                $"{(family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")}, /{shortest} to /{longest}, no bit set below the length");

    private static Refusal? CheckLists(LineRow line, LineOptions options)
    {
        if (line.RouteList.Count > options.MaxRoutes || line.RouteList.Any(static route => route.Length is 0 or > MaxRoute || route.Any(char.IsControl)))
        {
            return Refusal.Invalid("connectivity.line.routes", "routes", "there are too many routes, or one is empty or too long", $"at most {options.MaxRoutes} of 1 to {MaxRoute} characters");
        }

        return line.ReplyList.Count > options.MaxReplies || line.ReplyList.Any(static reply => reply.Name is not { Length: > 0 and <= 100 } || reply.Value is not { Length: <= MaxRoute })
            ? Refusal.Invalid("connectivity.line.replies", "replies", "there are too many further attributes, or one is too long", $"at most {options.MaxReplies}, each a name and at most {MaxRoute} characters")
            : null;
    }
}
