using System.Text;
using Tsunagi.Mail.Shadow;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Mail.Shadow;

/// <summary>Header fields of another filter, as hostile as mail is: nothing throws, what is kept is one short printable line, and spam once said stays said.</summary>
public sealed class OldFilterFuzz : FuzzTarget
{
    public override string Name => "mail.old-filter";

    public override IReadOnlyList<Type> Parsers => [typeof(OldFilterWord)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("X-Spam-Flag: YES", "X-Spam-Status: No, score=1", "X-Spamd-Result: default: True [9.9 / 5.0]", "X-Virus-Status: Clean", "X-Rspamd-Action: add header", "\r\n", "\r\n\t", ":", "\u001b[31m", "\0", "\u00e3\u0081\u0082");

    public override byte[] Generate(Random random)
    {
        var text = new StringBuilder();
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            text.Append(Pick(random, "X-Spam-Flag", "x-spam-status", "X-Spam", "X-Spamd-Result", "X-Rspamd-Action", "X-Virus-Status", "Subject")).Append(Pick(random, ": ", ":", ":\r\n\t"))
                .Append(Pick(random, "YES", "No", "no, score=1", "default: True [1]", "default: False [1]", "Infected (x)", "reject", "add header", "notified", "", new string('y', 300))).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    public override void Run(byte[] input)
    {
        var word = new OldFilterWord(new ShadowOptions());
        word.Reset();
        var wasSpam = false;
        foreach (var line in Encoding.Latin1.GetString(input).Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                continue;
            }

            word.See(line[..colon], Encoding.Latin1.GetBytes(line + "\r\n"));
            Promise(word.Says is "" or "spam" or "clean", "there are two words");
            Promise(word.Says.Length == 0 == (word.Field.Length == 0), "what is said stands in a field");
            Promise(word.Field.Length <= 150 && word.Field.All(static letter => letter is >= ' ' and <= '~'), "a field is kept as one short line");
            Promise(!wasSpam || word.Says == "spam", "spam once said stays said");
            wasSpam = word.Says == "spam";
        }
    }
}
