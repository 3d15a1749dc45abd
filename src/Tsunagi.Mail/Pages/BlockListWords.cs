using System.Globalization;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>Block lists as people write them into a form: a line for each code, "zone code points meaning"; "zone off" for a list that is not asked.</summary>
internal static class BlockListWords
{
    private const int Longest = 8_000;

    public static string Of(IReadOnlyList<BlockList>? lists) => string.Join('\n', (lists ?? []).SelectMany(static list => list.Codes.Count == 0
        ? [list.Zone + " off"]
        : list.Codes.Select(code => string.Create(CultureInfo.InvariantCulture, $"{list.Zone} {code.Code} {code.Points} {code.Means}").TrimEnd())));

    /// <param name="why">As <see cref="DnsListHealth.WhyOut"/> says it.</param>
    public static LocalizedText State(string? why) => why switch
    {
        null => new("is not tested yet", "未確認"),
        "" => new("answers as it should", "正常に応答しています"),
        _ => new("is not asked: " + why, $"照会を停止しています({Japanese(why)})"),
    };

    private static string Japanese(string why) => why switch
    {
        _ when why.StartsWith("it refuses", StringComparison.Ordinal) => "応答を拒否されています",
        _ when why.StartsWith("it answers with", StringComparison.Ordinal) => "リストではない応答です",
        _ when why.StartsWith("it has", StringComparison.Ordinal) => "すべてのアドレスが登録済みと応答します",
        _ when why.StartsWith("it does not have", StringComparison.Ordinal) => "試験用アドレスが登録されていません",
        _ => "応答がありません",
    };

    /// <summary>Null where the form says nothing.</summary>
    public static IReadOnlyList<BlockList>? Read(Act act, string field)
    {
        var lists = new List<(string Zone, List<BlockListCode> Codes)>();
        foreach (var line in (act.Text(field, Longest) ?? "").Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split([' ', '\t'], 4, StringSplitOptions.RemoveEmptyEntries);
            var zone = words[0].ToLowerInvariant().TrimEnd('.');
            if (lists.Find(list => list.Zone == zone) is not { Codes: { } codes })
            {
                lists.Add((zone, codes = []));
            }

            if (words is [_, "off"])
            {
                continue;
            }

            if (words.Length < 3 || !int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var points))
            {
                act.Wrong(field, act.View[new($"'{(line.Length > 80 ? line[..80] : line)}' is no line of the form: zone code points meaning.", "「ゾーン コード 点数 意味」の形式ではない行があります。")]);
                return null;
            }

            codes.Add(new BlockListCode { Code = words[1], Points = points, Means = words.Length > 3 ? words[3] : null });
        }

        return lists.Count == 0 ? null : [.. lists.Select(static list => new BlockList { Zone = list.Zone, Codes = list.Codes })];
    }
}
