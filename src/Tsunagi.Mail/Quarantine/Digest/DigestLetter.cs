using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Reporting;
using Tsunagi.Ui.Format;

namespace Tsunagi.Mail.Quarantine.Digest;

/// <summary>
/// The list of a recipient's new held mail as a message: plain text and HTML of the same content. What strangers wrote (sender, subject) is shown as text only, and
/// addresses in it are broken, so that no mail program makes a link of them.
/// </summary>
/// <param name="Rows">Newest first; at most as many as a digest lists.</param>
/// <param name="Total">How many are new in all.</param>
/// <param name="PageUrl">The recipient's page, with the link's secret.</param>
internal sealed record DigestLetter(
    string From, string Recipient, string MessageId, string Language, Zone Zone, long NowMicros, long LinkUntilMicros, IReadOnlyList<HeldRow> Rows, int Total, string PageUrl)
{
    private const int MaxShown = 160;

    public string SubjectLine => Total == 1 ? DigestTexts.SubjectOne.In(Language) : Say(DigestTexts.SubjectMany, Total);

    public void Write(IBufferWriter<byte> output) =>
        Letter.Write(output, From, DigestTexts.SenderName.In(Language), Recipient, SubjectLine, NowMicros, MessageId, Language, PlainText(), Html());

    internal string PlainText()
    {
        var text = new StringBuilder();
        text.Append(SubjectLine).Append("\r\n\r\n").Append(Say(DigestTexts.Lead, Recipient)).Append("\r\n\r\n");
        text.Append(DigestTexts.Open.In(Language)).Append(":\r\n").Append(PageUrl).Append("\r\n").Append(DigestTexts.OpenHint.In(Language)).Append("\r\n");
        foreach (var row in Rows)
        {
            text.Append("\r\n").Append('[').Append(DigestTexts.NameOf(row.Class).In(Language)).Append("] ").Append(SubjectOf(row)).Append("\r\n  ")
                .Append(DigestTexts.From.In(Language)).Append(": ").Append(SenderOf(row)).Append("\r\n  ")
                .Append(DigestTexts.Time.In(Language)).Append(": ").Append(Moment(row.HeldAt)).Append("\r\n  ")
                .Append(DigestTexts.KeptUntil.In(Language)).Append(": ").Append(Zone.Date(row.ExpiresAt, Language)).Append("\r\n");
        }

        if (Total > Rows.Count)
        {
            text.Append("\r\n").Append(Say(DigestTexts.More, Total - Rows.Count)).Append("\r\n");
        }

        return text.Append("\r\n-- \r\n").Append(Why()).Append("\r\n").ToString();
    }

    internal string Html()
    {
        var html = new StringBuilder($$"""
            <!DOCTYPE html>
            <html lang="{{Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>{{Text(SubjectLine)}}</title>
            <style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){.page{background:#12161c!important}.card{background:#1a2029!important;border-color:#2c3541!important}.ink,.ink a{color:#e6eaf0!important}.quiet{color:#a3aebd!important}.row{border-color:#2c3541!important} }@media (max-width:480px){.card{border-radius:0!important} }</style></head>
            <body class="page" style="margin:0;padding:0;background:#f3f5f8;font-family:-apple-system,'Segoe UI','Hiragino Sans','Noto Sans JP',Roboto,Helvetica,Arial,sans-serif">
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="page" style="background:#f3f5f8"><tr><td align="center" style="padding:24px 8px">
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="card" style="max-width:600px;background:#ffffff;border:1px solid #dfe4ea;border-radius:10px">
            <tr><td style="padding:28px 28px 8px">
            <h1 class="ink" style="margin:0 0 10px;font-size:20px;line-height:1.35;font-weight:600;color:#182433">{{Text(SubjectLine)}}</h1>
            <p class="quiet" style="margin:0 0 20px;font-size:14px;line-height:1.6;color:#546274">{{Text(Say(DigestTexts.Lead, Recipient))}}</p>
            <a href="{{Text(PageUrl)}}" style="display:inline-block;padding:11px 20px;border-radius:7px;background:#0b5cad;color:#ffffff;font-size:15px;font-weight:600;text-decoration:none">{{Text(DigestTexts.Open.In(Language))}}</a>
            <p class="quiet" style="margin:12px 0 16px;font-size:13px;line-height:1.6;color:#546274">{{Text(DigestTexts.OpenHint.In(Language))}}</p>
            </td></tr>

            """);
        foreach (var row in Rows)
        {
            html.Append(CultureInfo.InvariantCulture, $$"""
                <tr><td class="row" style="padding:14px 28px;border-top:1px solid #e6eaf0">
                <p class="quiet" style="margin:0 0 3px;font-size:12px;line-height:1.5;color:#546274">{{Text(DigestTexts.NameOf(row.Class).In(Language))}} · {{Text(Moment(row.HeldAt))}}</p>
                <p class="ink" style="margin:0 0 3px;font-size:15px;line-height:1.45;font-weight:600;color:#182433;word-break:break-word">{{Text(SubjectOf(row))}}</p>
                <p class="quiet" style="margin:0 0 6px;font-size:13px;line-height:1.5;color:#546274;word-break:break-all">{{Text(SenderOf(row))}}</p>
                <p class="ink" style="margin:0;font-size:13px;line-height:1.5;color:#182433"><a href="{{Text($"{PageUrl}/{row.Id}")}}" style="color:#0b5cad;font-weight:600">{{Text(DigestTexts.Look.In(Language))}}</a> <span class="quiet" style="color:#546274">· {{Text(DigestTexts.KeptUntil.In(Language))}} {{Text(Zone.Date(row.ExpiresAt, Language))}}</span></p>
                </td></tr>

                """);
        }

        if (Total > Rows.Count)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"row\" style=\"padding:14px 28px;border-top:1px solid #e6eaf0\"><p class=\"quiet\" style=\"margin:0;font-size:13px;color:#546274\">{Text(Say(DigestTexts.More, Total - Rows.Count))}</p></td></tr>\n");
        }

        html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"row\" style=\"padding:16px 28px 24px;border-top:1px solid #e6eaf0\"><p class=\"quiet\" style=\"margin:0;font-size:12px;line-height:1.6;color:#546274\">{Text(Why())}</p></td></tr>\n");
        return html.Append("</table></td></tr></table></body></html>\n").ToString();
    }

    private string Why() => Say(DigestTexts.Why, Recipient, Zone.Date(LinkUntilMicros, Language));

    private string Moment(long micros) => $"{Zone.Brief(micros, NowMicros, Language)} ({Zone.OffsetName(micros)})";

    private string SubjectOf(HeldRow row) => row.Subject.Trim().Length == 0 ? DigestTexts.NoSubject.In(Language) : Shown(row.Subject);

    private string SenderOf(HeldRow row) => row.FromText.Length > 0 ? Shown(row.FromText) : row.Sender.Length > 0 ? Shown(row.Sender) : DigestTexts.NoSender.In(Language);

    // Mail programs make links of what looks like one.
    private static string Shown(string text)
    {
        var shown = text.Length <= MaxShown ? text : text[..MaxShown] + "…";
        return shown.Replace("://", "[:]//", StringComparison.Ordinal).Replace("www.", "www[.]", StringComparison.OrdinalIgnoreCase);
    }

    private string Say(LocalizedText text, params object[] values) => string.Format(CultureInfo.InvariantCulture, text.In(Language), values);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
