using System.Globalization;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Verdict;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Mail.Pages;

/// <summary>How the pages say what policies say.</summary>
internal static class PolicyWords
{
    public static string Href(string tenant, string scope, string name) =>
        $"/console/mail/policies/edit?tenant={Uri.EscapeDataString(tenant)}&scope={scope}&name={Uri.EscapeDataString(name)}";

    public static LocalizedText ScopeOf(string scope) => scope switch
    {
        "domain" => new("Domain", "ドメイン"),
        "group" => new("Group", "グループ"),
        "user" => new("User", "利用者"),
        _ => new("Tenant", "お客様"),
    };

    public static IReadOnlyList<(string, string)> Scopes(ConsoleView view) =>
        [.. new[] { "tenant", "domain", "group", "user" }.Select(scope => (scope, view[ScopeOf(scope)]))];

    public static IReadOnlyList<(string, string)> YesNo(ConsoleView view) =>
        [("", view[new("inherited", "継承")]), ("true", view[new("yes", "はい")]), ("false", view[new("no", "いいえ")])];

    public static IReadOnlyList<(string, string)> Actions(ConsoleView view, EvidenceCode code) =>
    [
        ("", view[new("inherited", "継承")]),
        .. Enum.GetValues<PolicyAction>().Where(action => action != PolicyAction.Defer || code.CanDefer).Select(action => (action.ToString().ToLowerInvariant(), view[VerdictStory.Name(action)])),
    ];

    public static IReadOnlyList<(string, string)> PendingMails(ConsoleView view) =>
    [
        ("", view[new("inherited", "継承")]), ("all", view[new("all mail to others", "外部宛のすべて")]), ("doubtful", view[new("only where the address looks like a mistake", "誤送信の疑いがある宛先のみ")]),
        ("none", view[new("none", "なし")]),
    ];

    public static string Of(bool? value) => value switch
    {
        true => "true",
        false => "false",
        _ => "",
    };

    public static string Of(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>A policy in a line.</summary>
    public static string Says(FilterPolicy policy, ConsoleView view)
    {
        var words = new List<string>();
        if (policy.Enabled is { } enabled)
        {
            words.Add(view[enabled ? new("checked", "検査あり") : new("not checked", "検査なし")]);
        }

        if (policy.TagOnly is { } tagOnly)
        {
            words.Add(view[tagOnly ? new("tag only", "タグのみ") : new("acts", "隔離と拒否あり")]);
        }

        if (policy.Shadow is { } shadow)
        {
            words.Add(view[shadow ? new("only watched", "判定のみ") : new("not only watched", "判定のみを解除")]);
        }

        if (policy.Greylist is { } greylist)
        {
            words.Add(view[greylist ? new("greylist", "グレーリストあり") : new("no greylist", "グレーリストなし")]);
        }

        if (policy.BlockLists is { Count: > 0 } lists)
        {
            words.Add(view.Say(new("{0} block lists", "ブロックリスト{0}件"), lists.Count));
        }

        if (policy.Sending is not null)
        {
            words.Add(view[new("sending limited", "送信の上限あり")]);
        }

        if (policy.Pending is { } pending)
        {
            words.Add(pending.Minutes is { } minutes
                ? minutes == 0 ? view[new("sent at once", "送信保留なし")] : view.Say(new("waits {0} min before it leaves", "送信前に{0}分保留"), minutes)
                : view[new("waits to leave", "送信保留の設定あり")]);
        }

        words.AddRange((policy.Actions ?? new Dictionary<string, PolicyAction>()).Select(said => $"{said.Key}: {view[VerdictStory.Name(said.Value)]}"));
        return string.Join(", ", words.Take(8)) + (words.Count > 8 ? " …" : "");
    }
}
