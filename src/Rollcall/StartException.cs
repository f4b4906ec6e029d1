namespace Rollcall;

/// <summary>
/// Why the application cannot start, in one sentence for the person who operates it. Nothing is wrong with the program,
/// so the sentence is shown without a stack trace.
/// </summary>
public sealed class StartException : InvalidOperationException
{
    /// <summary>Without a reason.</summary>
    public StartException() { }

    /// <summary>With the sentence to show.</summary>
    public StartException(string message)
        : base(message) { }

    /// <summary>With the sentence to show, and what caused it.</summary>
    public StartException(string message, Exception? innerException)
        : base(message, innerException) { }
}
