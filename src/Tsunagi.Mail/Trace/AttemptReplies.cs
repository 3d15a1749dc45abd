using System.Text;
using System.Text.Json;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Trace;

/// <summary>The replies of an attempt as the table keeps them: a JSON list of [first recipient, how many, text].</summary>
internal static class AttemptReplies
{
    public static string Write(IReadOnlyList<AttemptReply> replies)
    {
        var json = new StringBuilder(64).Append('[');
        for (var i = 0; i < replies.Count; i++)
        {
            json.Append(i == 0 ? "[" : ",[").Append(replies[i].First).Append(',').Append(replies[i].Count).Append(",\"")
                .Append(JsonEncodedText.Encode(replies[i].Text)).Append("\"]");
        }

        return json.Append(']').ToString();
    }

    public static IReadOnlyList<AttemptReply> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(static item => new AttemptReply(item[0].GetInt32(), item[1].GetInt32(), item[2].GetString() ?? ""))];
    }
}
