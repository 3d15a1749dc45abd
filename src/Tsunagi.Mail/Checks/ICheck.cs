namespace Tsunagi.Mail.Checks;

/// <summary>
/// Looks at one message and says what it found. It never decides, never edits, and never fails a message: what it throws, and a deadline that passes, become
/// the evidence <c>NAME.unavailable</c>. Called by several sessions at once.
/// </summary>
internal interface ICheck
{
    /// <summary>"clamav": the first word of its codes.</summary>
    string Name { get; }

    /// <summary>False where the program is not set up for it: it is passed over in silence.</summary>
    bool IsSetUp { get; }

    ValueTask RunAsync(MessageUnderCheck message, ICollection<Evidence> evidence, CancellationToken cancellationToken);

    /// <summary>Called when every check has run or given up: what others found may change what this one's findings mean. It does not wait for anything.</summary>
    void Settle(MessageUnderCheck message, List<Evidence> all)
    {
        // Mostly it changes nothing.
    }
}
