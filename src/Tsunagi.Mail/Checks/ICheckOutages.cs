namespace Tsunagi.Mail.Checks;

/// <summary>Hears of each message for which a check was away or answered: on a node it is told to operators, in place to nobody.</summary>
internal interface ICheckOutages
{
    void Away(string check, string why);

    void Answered(string check);

    /// <summary>A model's file cannot be read: told once for each reason.</summary>
    void Unreadable(string file, string why);

    /// <summary>A model's file was read.</summary>
    void Readable(string file);
}

/// <summary>For checks of a file in place: whoever asked reads it in the evidence.</summary>
internal sealed class UntoldOutages : ICheckOutages
{
    public void Away(string check, string why)
    {
        // It stands in the evidence.
    }

    public void Answered(string check)
    {
        // As above.
    }

    public void Unreadable(string file, string why)
    {
        // The verb reads the file itself and says what is wrong with it.
    }

    public void Readable(string file)
    {
        // As above.
    }
}
