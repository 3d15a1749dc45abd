using System.Text;

namespace Tsunagi.Tests.Protocols.Mail.Classify;

/// <summary>Made-up mail of two kinds that share most of their words, for the classifier's tests.</summary>
internal static class SampleMail
{
    private static readonly string[] Wanted = ["meeting", "report", "project", "schedule", "review", "draft", "minutes", "agenda", "budget", "team", "release", "branch"];
    private static readonly string[] Unwanted = ["winner", "pills", "casino", "lottery", "refinance", "enlarge", "guarantee", "miracle", "cash", "prize", "offshore", "debt"];
    private static readonly string[] Common = ["the", "and", "with", "please", "your", "for", "this", "we", "have", "new", "today", "about", "from", "will", "time"];

    public static byte[] Make(int seed, bool isSpam)
    {
        var random = new Random(seed);
        var own = isSpam ? Unwanted : Wanted;
        var text = new StringBuilder();
        for (var i = 0; i < 60; i++)
        {
            text.Append(random.Next(5) == 0 ? own[random.Next(own.Length)] : Common[random.Next(Common.Length)]).Append(i % 10 == 9 ? "\r\n" : " ");
        }

        var from = $"user{random.Next(1000)}@host{random.Next(50)}.example";
        return Encoding.ASCII.GetBytes($"From: {from}\r\nTo: a@b.example\r\nSubject: {own[random.Next(own.Length)]} {Common[random.Next(Common.Length)]}\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n{text}");
    }
}
