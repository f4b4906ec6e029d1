namespace Rollcall;

/// <summary>
/// Why the application cannot start, in one sentence for the person who operates it. The cause is in the environment,
/// not in the program, so the host shows the message without a stack trace.
/// </summary>
public sealed class StartException : InvalidOperationException
{
    /// <summary>Creates an exception without a message.</summary>
    public StartException() { }

    /// <summary>Creates an exception with the message to show.</summary>
    /// <param name="message">The message to show.</param>
    public StartException(string message)
        : base(message) { }

    /// <summary>Creates an exception with the message to show and its cause.</summary>
    /// <param name="message">The message to show.</param>
    /// <param name="innerException">The cause.</param>
    public StartException(string message, Exception? innerException)
        : base(message, innerException) { }
}
