using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Reporting;
using Tsunagi.Mail.Spool;
using Tsunagi.Ui.Format;

namespace Tsunagi.Mail.Pending;

/// <summary>The notice to a sender whose message waits: to whom, until when, what looks like a mistake, and the link. Subject and addresses are the sender's own words, shown as text.</summary>
/// <param name="PageUrl">The message's page, with the link's secret.</param>
internal sealed record PendingLetter(string From, AcceptFacts About, string MessageId, string Language, Zone Zone, long NowMicros, string PageUrl)
{
    private const int MaxShown = 160;
    private const int MostRecipients = 20;

    public string SubjectLine
    {
        get
        {
            var doubtful = About.Recipients.Where((_, i) => DoubtOf(i).Length > 0).Select(static recipient => recipient[(recipient.LastIndexOf('@') + 1)..]).FirstOrDefault();
            return doubtful is null ? Say(PendingTexts.Subject, Until, SubjectOf(About)) : Say(PendingTexts.DoubtSubject, doubtful, SubjectOf(About));
        }
    }

    private string Until => Zone.Brief(About.PendingUntilMicros, NowMicros, Language);

    public void Write(IBufferWriter<byte> output) =>
        Letter.Write(output, From, PendingTexts.SenderName.In(Language), About.ReversePath, SubjectLine, NowMicros, MessageId, Language, PlainText(), Html());

    internal string PlainText()
    {
        var text = new StringBuilder();
        text.Append(SubjectOf(About)).Append("\r\n\r\n").Append(Lead()).Append("\r\n\r\n").Append(PendingTexts.Open.In(Language)).Append(":\r\n").Append(PageUrl).Append("\r\n")
            .Append(PendingTexts.OpenHint.In(Language)).Append("\r\n\r\n").Append(PendingTexts.To.In(Language)).Append(":\r\n");
        foreach (var (recipient, doubt) in Shown())
        {
            text.Append("  ").Append(recipient).Append("\r\n");
            if (doubt.Length > 0)
            {
                text.Append("    ! ").Append(Say(PendingTexts.Doubt, doubt)).Append("\r\n");
            }
        }

        return text.Append(MoreLine("\r\n")).Append("\r\n-- \r\n").Append(Say(PendingTexts.Why, About.ReversePath)).Append("\r\n").ToString();
    }

    internal string Html()
    {
        var html = new StringBuilder($$"""
            <!DOCTYPE html>
            <html lang="{{Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>{{Text(SubjectLine)}}</title>
            <style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){.page{background:#12161c!important}.card{background:#1a2029!important;border-color:#2c3541!important}.ink{color:#e6eaf0!important}.quiet{color:#a3aebd!important}.row{border-color:#2c3541!important}.doubt{background:#3a2e12!important;color:#ffdf9e!important} }@media (max-width:480px){.card{border-radius:0!important} }</style></head>
            <body class="page" style="margin:0;padding:0;background:#f3f5f8;font-family:-apple-system,'Segoe UI','Hiragino Sans','Noto Sans JP',Roboto,Helvetica,Arial,sans-serif">
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="page" style="background:#f3f5f8"><tr><td align="center" style="padding:24px 8px">
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="card" style="max-width:600px;background:#ffffff;border:1px solid #dfe4ea;border-radius:10px">
            <tr><td style="padding:28px 28px 8px">
            <h1 class="ink" style="margin:0 0 10px;font-size:20px;line-height:1.35;font-weight:600;color:#182433;word-break:break-word">{{Text(SubjectOf(About))}}</h1>
            <p class="quiet" style="margin:0 0 20px;font-size:14px;line-height:1.6;color:#546274">{{Text(Lead())}}</p>
            <a href="{{Text(PageUrl)}}" style="display:inline-block;padding:11px 20px;border-radius:7px;background:#0b5cad;color:#ffffff;font-size:15px;font-weight:600;text-decoration:none">{{Text(PendingTexts.Open.In(Language))}}</a>
            <p class="quiet" style="margin:12px 0 16px;font-size:13px;line-height:1.6;color:#546274">{{Text(PendingTexts.OpenHint.In(Language))}}</p>
            </td></tr>

            """);
        foreach (var (recipient, doubt) in Shown())
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"row\" style=\"padding:12px 28px;border-top:1px solid #e6eaf0\"><p class=\"ink\" style=\"margin:0;font-size:15px;line-height:1.45;color:#182433;word-break:break-all\">{Text(recipient)}</p>");
            if (doubt.Length > 0)
            {
                html.Append(CultureInfo.InvariantCulture, $"<p class=\"doubt\" style=\"margin:6px 0 0;padding:8px 10px;border-radius:6px;background:#fff3d6;font-size:13px;line-height:1.5;color:#6b4a00\">{Text(Say(PendingTexts.Doubt, doubt))}</p>");
            }

            html.Append("</td></tr>\n");
        }

        var more = MoreLine("");
        if (more.Length > 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"row\" style=\"padding:12px 28px;border-top:1px solid #e6eaf0\"><p class=\"quiet\" style=\"margin:0;font-size:13px;color:#546274\">{Text(more)}</p></td></tr>\n");
        }

        html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"row\" style=\"padding:16px 28px 24px;border-top:1px solid #e6eaf0\"><p class=\"quiet\" style=\"margin:0;font-size:12px;line-height:1.6;color:#546274\">{Text(Say(PendingTexts.Why, About.ReversePath))}</p></td></tr>\n");
        return html.Append("</table></td></tr></table></body></html>\n").ToString();
    }

    private string Lead() => Say(PendingTexts.Lead, $"{Until} ({Zone.OffsetName(About.PendingUntilMicros)})");

    // Those with a doubt first: they are what the notice is for.
    private IEnumerable<(string Recipient, string Doubt)> Shown() =>
        About.Recipients.Select((recipient, i) => (recipient, DoubtOf(i))).OrderByDescending(static pair => pair.Item2.Length > 0).Take(MostRecipients);

    private string MoreLine(string end) => About.Recipients.Count > MostRecipients ? Say(PendingTexts.More, About.Recipients.Count - MostRecipients) + end : "";

    private string DoubtOf(int position) => position < About.Doubts.Count ? About.Doubts[position] : "";

    private string SubjectOf(AcceptFacts about) =>
        about.Subject.Trim().Length == 0 ? PendingTexts.NoSubject.In(Language) : about.Subject.Length <= MaxShown ? about.Subject : about.Subject[..MaxShown] + "…";

    private string Say(LocalizedText text, params object[] values) => string.Format(CultureInfo.InvariantCulture, text.In(Language), values);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
