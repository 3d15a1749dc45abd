using Tsunagi.Connectivity.AccessServers;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Connectivity.Pages;

/// <summary>How the pages say what lines and access servers hold.</summary>
internal static class ConnectivityWords
{
    public static Status StatusOf(LineRow line, ConsoleView view) => line.State switch
    {
        LineState.Ended => new(Tone.Neutral, view[new("Ended", "終了")]),
        LineState.Suspended => new(Tone.Warning, view[new("Suspended", "停止中")]),
        _ => new(Tone.Good, view[new("Active", "利用可")]),
    };

    public static LocalizedText Hold(string kind) => kind switch
    {
        "non-payment" => new("non-payment", "料金未払い"),
        "abuse" => new("abuse", "不正利用"),
        "customer" => new("the customer's wish", "お客様の希望"),
        "technical" => new("a technical reason", "技術的理由"),
        _ => new(kind, kind),
    };

    public static LocalizedText Form(LinePasswordForm form) => form switch
    {
        LinePasswordForm.None => new("none", "なし"),
        LinePasswordForm.Clear => new("clear (encrypted at rest)", "平文(暗号化して保管)"),
        LinePasswordForm.NtHash => new("NT hash", "NTハッシュ"),
        LinePasswordForm.Crypt => new("crypt", "crypt"),
        _ => new(form.ToString().ToUpperInvariant(), form.ToString().ToUpperInvariant()),
    };

    /// <summary>"PAP, CHAP, MS-CHAP".</summary>
    public static string Serves(LinePasswordForm form)
    {
        var serves = new LinePassword(form, []).Serves;
        var names = new List<string>();
        if (serves.HasFlag(PasswordProofs.Pap))
        {
            names.Add("PAP");
        }

        if (serves.HasFlag(PasswordProofs.Chap))
        {
            names.Add("CHAP");
        }

        if (serves.HasFlag(PasswordProofs.MsChapV2))
        {
            names.Add("MS-CHAP");
        }

        return names.Count > 0 ? string.Join(", ", names) : "–";
    }

    public static LocalizedText Rule(NasRow nas) => Enum.Parse<MessageAuthenticatorRule>(nas.MessageAuthenticator) switch
    {
        MessageAuthenticatorRule.Yes => new("always needed", "常に必須"),
        MessageAuthenticatorRule.No => new("never needed", "不要"),
        _ => new("needed once it was seen", "確認後は必須"),
    };

    public static string Dialect(string dialect) => dialect switch { "AccelPpp" => "accel-ppp", "MikroTik" => "MikroTik", _ => dialect };
}
