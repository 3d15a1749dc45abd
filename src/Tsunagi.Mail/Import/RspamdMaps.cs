using System.Globalization;
using Tsunagi.Mail.Quarantine;

namespace Tsunagi.Mail.Import;

/// <summary>A sender that one of Rspamd's maps allows or blocks.</summary>
/// <param name="Sender">An address, or "@domain".</param>
internal sealed record RspamdSender(string Sender, SenderRule Rule, string File, int Line);

/// <summary>
/// A multimap.conf of Rspamd with the maps it names. Of its rules those are taken that say something of senders by themselves: type from (or the header From), whole addresses or their domain, and action reject or accept, or points
/// that decide alone at Rspamd's own threshold. All others are told.
/// </summary>
internal static class RspamdMaps
{
    /// <summary>Points from which Rspamd rejects where nobody says otherwise (actions.conf).</summary>
    public const double DecidingPoints = 15;

    /// <summary>Entries of all maps together.</summary>
    public const int MaxEntries = SenderBook.MaxEntries;

    public static IReadOnlyList<RspamdSender> Read(string file, Func<string, string?> read, ImportProblems problems)
    {
        if (read(file) is not { } text)
        {
            problems.Error(file, 0, "the file is not there");
            return [];
        }

        var senders = new Dictionary<string, RspamdSender>(StringComparer.Ordinal);
        foreach (var rule in RspamdRules.Of(file, text, problems))
        {
            if (WhyNot(rule) is { } why)
            {
                problems.Error(file, rule.Line, $"the rule {rule.Name} is not imported: {why}");
                continue;
            }

            foreach (var map in rule.Maps)
            {
                AddMap(senders, rule, map.StartsWith("file://", StringComparison.Ordinal) ? map["file://".Length..] : map, file, read, problems);
            }
        }

        return [.. senders.Values];
    }

    private static void AddMap(Dictionary<string, RspamdSender> into, RspamdRule rule, string map, string file, Func<string, string?> read, ImportProblems problems)
    {
        var path = map.Replace("${LOCAL_CONFDIR}", "$LOCAL_CONFDIR", StringComparison.Ordinal).Replace("$LOCAL_CONFDIR", "/etc/rspamd", StringComparison.Ordinal);
        if (!path.StartsWith('/') || read(path) is not { } text)
        {
            problems.Error(file, rule.Line, $"the rule {rule.Name} names {map}, which is no file that is there");
            return;
        }

        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var key = raw.Split('#')[0].Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
            if (key is null)
            {
                continue;
            }

            var isDomain = rule["filter"] == "email:domain";
            if (key.Contains('@', StringComparison.Ordinal) == isDomain || SenderBook.Canonical(key) is not { } sender)
            {
                problems.Error(path, number, $"'{Shown(key)}' is no {(isDomain ? "domain" : "address")} (the rule {rule.Name})");
            }
            else if (into.Count >= MaxEntries && !into.ContainsKey(sender))
            {
                problems.Error(path, number, $"there are more than {MaxEntries} senders; what follows is not read");
                return;
            }
            else if (into.TryGetValue(sender, out var before) && before.Rule != RuleOf(rule))
            {
                problems.Error(path, number, $"{sender} is said to be {(before.Rule == SenderRule.Allow ? "allowed" : "blocked")} at {before.File}:{before.Line} already, which counts");
            }
            else
            {
                into.TryAdd(sender, new RspamdSender(sender, RuleOf(rule), path, number));
            }
        }
    }

    private static string? WhyNot(RspamdRule rule) =>
        !(rule["type"] == "from" || (rule["type"] == "header" && rule["header"].Equals("from", StringComparison.OrdinalIgnoreCase))) ? $"type {rule["type"]} says nothing of senders by their names"
        : rule["filter"] is not ("" or "email" or "email:addr" or "email:domain") || (rule["type"] == "header" && rule["filter"].Length == 0) ? $"the filter '{rule["filter"]}' is neither the address nor its domain"
        : rule["regexp"] is "true" or "yes" or "on" || rule["glob"] is "true" or "yes" or "on" ? "patterns are not taken; name the senders"
        : rule["require_symbols"].Length > 0 ? "it holds only together with other symbols"
        : rule.Maps.Count == 0 ? "it names no map"
        : RuleOf(rule) == SenderRule.None ? $"it decides nothing by itself (action '{rule["action"]}', score '{rule["score"]}')"
        : null;

    private static SenderRule RuleOf(RspamdRule rule) => rule["action"] switch
    {
        "reject" => SenderRule.Block,
        "accept" or "no action" => SenderRule.Allow,
        "" when double.TryParse(rule["score"], NumberStyles.Float, CultureInfo.InvariantCulture, out var points) => points >= DecidingPoints ? SenderRule.Block : points <= -DecidingPoints ? SenderRule.Allow : SenderRule.None,
        _ => SenderRule.None,
    };

    private static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
