namespace Tsunagi.Scenarios.Browser;

/// <summary>A hundred messages that try to run script or to reach out when somebody looks at them: the same attempts in the body, in fields, in names of files.</summary>
internal static class HostileMails
{
    private const string Mark = "window.__ran=1";

    private static readonly string[] Attempts =
    [
        $"<script>{Mark}</script>", $"<img src=x onerror=\"{Mark}\">", $"<svg onload={Mark}>", $"<body onload={Mark}>", $"<iframe srcdoc=\"<script>parent.__ran=1</script>\"></iframe>",
        "<img src=\"http://127.0.0.1:9/track.gif\">", "<link rel=stylesheet href=\"http://127.0.0.1:9/x.css\">", "<style>@import url(http://127.0.0.1:9/x.css);body{background:url(http://127.0.0.1:9/b)}</style>",
        "<meta http-equiv=refresh content=\"0;url=http://127.0.0.1:9/\">", "<base href=\"http://127.0.0.1:9/\"><a href=x>x</a>", $"<a href=\"javascript:{Mark}\" autofocus onfocus=\"{Mark}\">x</a>",
        "<object data=\"http://127.0.0.1:9/o\"></object>", "<embed src=\"http://127.0.0.1:9/e\">", "<video src=\"http://127.0.0.1:9/v\" autoplay></video>", "<form action=\"http://127.0.0.1:9/f\"><input name=q autofocus></form>",
        $"</pre></div><script>{Mark}</script>", $"</textarea><img src=x onerror={Mark}>", $"<details open ontoggle={Mark}>", $"<math><mtext></p><img src onerror={Mark}></mtext></math>", $"<noscript><p title=\"</noscript><img src=x onerror={Mark}>\">",
        $"<scr\0ipt>{Mark}</script>", $"\u202e<img src=x onerror={Mark}>", $"&lt;script&gt;{Mark}&lt;/script&gt;", $"<!--><img src=x onerror={Mark}>-->", $"<div hx-get=\"http://127.0.0.1:9/\" hx-trigger=load data-dialog=x data-act hx-on:load=\"{Mark}\">x</div>",
    ];

    public static IEnumerable<(string Subject, string Content)> All()
    {
        foreach (var attempt in Attempts)
        {
            var inField = string.Concat(attempt.Where(static c => c is not '\0' and not '\r' and not '\n'));
            yield return ("html", Message("plain", "html", attempt, "text/html"));
            yield return ("text", Message("plain", "text", attempt, "text/plain"));
            yield return (inField, Message($"\"{inField.Replace("\"", "\\\"", StringComparison.Ordinal)}\"", inField, "x", "text/plain"));
            yield return ("name", $"""
                From: x@evil.example
                Subject: name
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary=b

                --b
                Content-Type: application/x-{inField.Replace(';', '.')}; name="{inField.Replace("\"", "\\\"", StringComparison.Ordinal)}"
                Content-Disposition: attachment; filename="{inField.Replace("\"", "\\\"", StringComparison.Ordinal)}"

                x
                --b--

                """.ReplaceLineEndings("\r\n"));
        }
    }

    private static string Message(string from, string subject, string body, string type) =>
        $"From: {from} <x@evil.example>\r\nTo: b@kita.example\r\nSubject: {subject}\r\nReply-To: {subject} <y@evil.example>\r\nMIME-Version: 1.0\r\nContent-Type: {type}; charset=utf-8\r\n\r\n{body}\r\n";
}
