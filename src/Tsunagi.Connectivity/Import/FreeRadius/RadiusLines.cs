using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Lines;

namespace Tsunagi.Connectivity.Import.FreeRadius;

/// <summary>A line as the other system means it.</summary>
/// <param name="Settings">What its groups and its own items say of the plan.</param>
/// <param name="IsRejected">Auth-Type := Reject: it is to be suspended.</param>
internal sealed record WantedLine(
    string File, int Line, string UserName, LinePassword Password, IReadOnlyList<string> Groups, JsonObject Settings, string V4, string V6, string LinkPrefix, string DelegatedPrefix, IReadOnlyList<string> Routes,
    IReadOnlyList<LineReply> Replies, bool IsRejected);

/// <summary>
/// From the items of FreeRADIUS to lines: (1) the groups of a user in their priority, (2) check items: the password, Simultaneous-Use, Auth-Type := Reject, (3) reply items: addresses, routes, speeds, time-outs and pools go to
/// where they belong here, all others are copied as further attributes. (4) What is not understood, an operator or an item, is told with its line.
/// </summary>
internal static class RadiusLines
{
    public static IReadOnlyList<WantedLine> Of(RadiusConfiguration read)
    {
        var checks = read.UserChecks.ToLookup(static item => item.Of, StringComparer.Ordinal);
        var replies = read.UserReplies.ToLookup(static item => item.Of, StringComparer.Ordinal);
        var groupChecks = read.GroupChecks.ToLookup(static item => item.Of, StringComparer.Ordinal);
        var groupReplies = read.GroupReplies.ToLookup(static item => item.Of, StringComparer.Ordinal);
        var memberships = read.Memberships.ToLookup(static each => each.User, StringComparer.Ordinal);
        var names = read.UserChecks.Select(static item => item.Of).Concat(read.UserReplies.Select(static item => item.Of)).Concat(read.Memberships.Select(static each => each.User)).Distinct(StringComparer.Ordinal);
        var told = new HashSet<string>(StringComparer.Ordinal);
        var lines = new List<WantedLine>();
        foreach (var name in names)
        {
            // (1)
            var groups = memberships[name].OrderBy(static each => each.Priority).Select(static each => each.Group).ToList();
            var making = new Making(name, read.Problems, told);
            foreach (var group in groups.AsEnumerable().Reverse())
            {
                making.Take(groupChecks[group], groupReplies[group], isGroup: true);
            }

            // (2), (3)
            making.Take(checks[name], replies[name], isGroup: false);
            var first = checks[name].FirstOrDefault() ?? replies[name].FirstOrDefault();
            lines.Add(making.Make(first?.File ?? memberships[name].First().File, first?.Line ?? memberships[name].First().Line, groups));
        }

        return lines;
    }

    /// <summary>"10M/50M" of Mikrotik-Rate-Limit: from the customer, then to it; null when there is more or other in it.</summary>
    internal static (long Up, long Down)? RateLimit(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2 && Rate(parts[0]) is { } up && Rate(parts[1]) is { } down ? (up, down) : null;
    }

    private static long? Rate(string text)
    {
        var unit = text.Length == 0 ? 1 : char.ToUpperInvariant(text[^1]) switch { 'K' => 1_000L, 'M' => 1_000_000L, 'G' => 1_000_000_000L, _ => 1L };
        return long.TryParse(unit == 1 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 1_000_000_000_000L ? number * unit : null;
    }

    private sealed class Making(string user, List<ImportProblem> problems, HashSet<string> told)
    {
        private readonly JsonObject _settings = [];
        private readonly List<LineReply> _replies = [];
        private readonly List<string> _routes = [];
        private LinePassword _password = LinePassword.None;
        private bool _isRejected;
        private string _v4 = "";
        private string _mask = "";
        private string _v6 = "";
        private string _link = "";
        private string _delegated = "";

        public void Take(IEnumerable<RadiusItem> checks, IEnumerable<RadiusItem> replies, bool isGroup)
        {
            foreach (var item in checks)
            {
                Check(item, isGroup);
            }

            foreach (var item in replies)
            {
                Reply(item, isGroup);
            }
        }

        public WantedLine Make(string file, int line, IReadOnlyList<string> groups)
        {
            // A block of addresses: Framed-IP-Netmask beside the address, where it is no host mask.
            var v4 = _v4;
            if (v4.Length > 0 && _mask is { Length: > 0 } and not "255.255.255.255" && System.Net.IPAddress.TryParse(_mask, out var mask))
            {
                var length = System.Numerics.BitOperations.PopCount(BitConverter.ToUInt32(mask.GetAddressBytes()));
                v4 = Addresses.AddressBlock.TryParse(v4, out var host) ? host.At(length).ToString() : v4;
            }

            return new WantedLine(file, line, user, _password, groups, _settings, v4, _v6, _link, _delegated, _routes, _replies, _isRejected);
        }

        private void Check(RadiusItem item, bool isGroup)
        {
            if (item.Operator is not (":=" or "==" or "="))
            {
                Tell(item, isGroup, $"the operator {item.Operator} of {item.Attribute} is not understood in a check", true);
            }
            else if (RadiusPasswords.IsPassword(item.Attribute))
            {
                if (RadiusPasswords.TryRead(item.Attribute, item.Value, out var whyNot) is { } password)
                {
                    _password = password;
                }
                else
                {
                    Tell(item, isGroup, whyNot!, true);
                }
            }
            else if (Is(item, "Simultaneous-Use"))
            {
                Number(item, isGroup, "simultaneousUse", 1_000);
            }
            else if (Is(item, "Auth-Type"))
            {
                _isRejected = item.Value.Equals("Reject", StringComparison.OrdinalIgnoreCase) || (_isRejected && isGroup);
                if (!item.Value.Equals("Reject", StringComparison.OrdinalIgnoreCase) && !item.Value.Equals("Accept", StringComparison.OrdinalIgnoreCase))
                {
                    Tell(item, isGroup, $"Auth-Type {item.Value} is not taken: how a password is proved is what the access server asks", false);
                }
                else if (item.Value.Equals("Accept", StringComparison.OrdinalIgnoreCase))
                {
                    Tell(item, isGroup, "Auth-Type := Accept lets anyone in by this name and is not taken", true);
                }
            }
            else if (Is(item, "Pool-Name"))
            {
                _settings["ipv4Pool"] = item.Value;
            }
            else
            {
                Tell(item, isGroup, $"the check {item.Attribute} {item.Operator} {Short(item.Value)} has no place here", true);
            }
        }

        private void Reply(RadiusItem item, bool isGroup)
        {
            if (item.Operator is not (":=" or "=" or "+=" or "=="))
            {
                Tell(item, isGroup, $"the operator {item.Operator} of {item.Attribute} is not understood in a reply", true);
                return;
            }

            switch (item.Attribute.ToLowerInvariant())
            {
                case "framed-ip-address" when item.Value is not ("255.255.255.254" or "255.255.255.255"): Address(item, isGroup, AddressFamily.InterNetwork, ref _v4); break;
                case "framed-ip-address": break;
                case "framed-ip-netmask": _mask = item.Value; break;
                case "framed-ipv6-address": Address(item, isGroup, AddressFamily.InterNetworkV6, ref _v6); break;
                case "framed-ipv6-prefix": Address(item, isGroup, AddressFamily.InterNetworkV6, ref _link); break;
                case "delegated-ipv6-prefix": Address(item, isGroup, AddressFamily.InterNetworkV6, ref _delegated); break;
                case "framed-route" or "framed-ipv6-route": _routes.Add(item.Value); break;
                case "framed-pool" or "pool-name": _settings["ipv4Pool"] = item.Value; break;
                case "framed-ipv6-pool": _settings["linkPrefixPool"] = item.Value; break;
                case "delegated-ipv6-prefix-pool": _settings["delegatedPrefixPool"] = item.Value; break;
                case "session-timeout": Number(item, isGroup, "sessionTimeoutSeconds", 31_536_000); break;
                case "idle-timeout": Number(item, isGroup, "idleTimeoutSeconds", 31_536_000); break;
                case "acct-interim-interval": Number(item, isGroup, "interimSeconds", 86_400); break;
                case "wispr-bandwidth-max-down": Number(item, isGroup, "downBitsPerSecond", 1_000_000_000_000_000); break;
                case "wispr-bandwidth-max-up": Number(item, isGroup, "upBitsPerSecond", 1_000_000_000_000_000); break;
                case "mikrotik-rate-limit" when RateLimit(item.Value) is { } rate:
                    (_settings["upBitsPerSecond"], _settings["downBitsPerSecond"]) = (rate.Up, rate.Down);
                    break;
                case "fall-through": break;
                default: Copy(item); break;
            }
        }

        // ":=" and "=" set; a group's value gives way to the user's own.
        private void Copy(RadiusItem item)
        {
            if (item.Operator != "+=")
            {
                _replies.RemoveAll(reply => reply.Name.Equals(item.Attribute, StringComparison.OrdinalIgnoreCase));
            }

            _replies.Add(new LineReply(item.Attribute, item.Value));
        }

        private void Address(RadiusItem item, bool isGroup, AddressFamily family, ref string place)
        {
            if (isGroup)
            {
                Tell(item, isGroup, $"{item.Attribute} of a group would give one address to many and is not taken", true);
            }
            else if (LineRules.Canonical(item.Value, family) is { Length: > 0 } cidr)
            {
                place = cidr;
            }
            else
            {
                Tell(item, isGroup, $"{item.Attribute} {Short(item.Value)} is no address or prefix", true);
            }
        }

        private void Number(RadiusItem item, bool isGroup, string member, long most)
        {
            if (long.TryParse(item.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most)
            {
                _settings[member] = number;
            }
            else
            {
                Tell(item, isGroup, $"{item.Attribute} {Short(item.Value)} is no number up to {most}", true);
            }
        }

        /// <summary>An item of a group is told once, not for each of its members.</summary>
        private void Tell(RadiusItem item, bool isGroup, string message, bool isError)
        {
            if (told.Add($"{item.File}:{item.Line}:{item.Attribute}"))
            {
                problems.Add(new ImportProblem(item.File, item.Line, $"{(isGroup ? "group " : "")}{item.Of}: {message}", isError));
            }
        }

        private static bool Is(RadiusItem item, string attribute) => item.Attribute.Equals(attribute, StringComparison.OrdinalIgnoreCase);

        private static string Short(string text) => text.Length > 40 ? text[..40] + "…" : text;
    }
}
