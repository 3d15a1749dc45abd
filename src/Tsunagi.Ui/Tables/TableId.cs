using System.Text;

namespace Tsunagi.Ui.Tables;

/// <summary>MailMessageTable → "mail-message".</summary>
internal static class TableId
{
    public static string Of(Type type)
    {
        var name = type.Name.EndsWith("Table", StringComparison.Ordinal) ? type.Name[..^5] : type.Name;
        var id = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && id.Length > 0)
            {
                id.Append('-');
            }

            id.Append(char.ToLowerInvariant(letter));
        }

        return id.ToString();
    }
}
