using Tsunagi.Connectivity.AccessServers;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Connectivity.Radius;
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

    public static LocalizedText Reject(RejectReason reason) => reason switch
    {
        RejectReason.UnknownUser => new("there is no line of this name", "該当する回線なし"),
        RejectReason.WrongPassword => new("the password is wrong", "パスワード誤り"),
        RejectReason.NoPasswordGiven => new("no password was given", "パスワードなし"),
        RejectReason.FormCannotServe => new("the kept password cannot serve how it was asked (CHAP)", "保管形式では認証方式に対応不可"),
        RejectReason.Suspended => new("the line is suspended", "回線停止中"),
        RejectReason.TooManySessions => new("as many sessions as allowed are up", "同時接続数の上限"),
        RejectReason.PoolUsedUp => new("the address pool is used up", "アドレスプール枯渇"),
        RejectReason.Throttled => new("too many wrong passwords within a minute", "短時間のパスワード誤り多数"),
        RejectReason.EapNotServed => new("EAP is asked for, which is not served", "EAP未対応"),
        _ => new(reason.ToString(), reason.ToString()),
    };

    /// <summary>Acct-Terminate-Cause, and those where we closed it.</summary>
    public static LocalizedText Cause(string cause) => cause switch
    {
        "" => new("up", "接続中"),
        "User-Request" => new("the customer hung up", "利用者による切断"),
        "Lost-Carrier" => new("the carrier was lost", "回線断"),
        "Idle-Timeout" => new("no traffic for too long", "無通信切断"),
        "Session-Timeout" => new("its time was over", "接続時間の上限"),
        "Admin-Reset" => new("ended by the operator", "運用者による切断"),
        "NAS-Reboot" => new("the access server started anew", "アクセスサーバー再起動"),
        "Lost-Interim" => new("it was not heard of any more", "応答途絶"),
        "Superseded" => new("the same customer connected anew", "再接続により終了"),
        _ => new(cause, cause),
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

    /// <summary>How an access server does, as one node has heard it.</summary>
    public static (Tone Tone, LocalizedText Label) Health(NasState? heard) => heard switch
    {
        { BadSignatures: > 0 } => (Tone.Bad, new("wrong secret", "共有鍵の不一致")),
        { Unsigned: > 0, Signs: false } => (Tone.Warning, new("no Message-Authenticator", "Message-Authenticatorなし")),
        { LastMicros: > 0 } => (Tone.Good, new("well", "正常")),
        _ => (Tone.Neutral, new("not heard", "未受信")),
    };
}
